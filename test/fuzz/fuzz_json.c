/* Any bytes as JSON: what is read can be written and is then read as the same, written the same. */
#include "base/base.h"
#include "base/json.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str written(struct arena *a, const struct json *j, bool pretty)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 64 << 20);
    if (pretty)
        out_json_pretty(&sb, j);
    else
        out_json_value(&sb, j);
    assert(!sb.overflow);
    return strbuf_str(&sb);
}

static int depth_of(const struct json *j)
{
    int most = 0;
    for (const struct json *m = j->first; m; m = m->next) {
        int depth = depth_of(m); /* MAX would ask twice, at each level */
        most = MAX(most, depth);
    }
    return most + (j->kind == JSON_ARRAY || j->kind == JSON_OBJECT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct json_error bad = { 0 };
    size_t at = 0;
    str text = { (const char *)data, size };
    const struct json *j = json_read(&a, text, &bad);
    if (!j) {
        assert(bad.reason && bad.reason_zh && bad.at <= size && bad.line >= 1 && bad.column >= 1);
        return 0;
    }
    str once = written(&a, j, false), wide = written(&a, j, true);
    assert(depth_of(j) <= JSON_DEPTH_MAX && utf8_valid(text, &at) && utf8_valid(once, &at));
    const struct json *again = json_read(&a, once, &bad), *third = json_read(&a, wide, &bad);
    assert(again && third);
    assert(str_eq(written(&a, again, false), once) && str_eq(written(&a, third, false), once));
    return 0;
}
