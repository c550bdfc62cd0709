#include "base/log.h"
#include "base/base.h"
#include "base/time.h"

#include <stdatomic.h>
#include <unistd.h>

#define LINE_MAX_BYTES (64 * 1024)
#define TEXT_CUT_BYTES 1000

static _Atomic enum log_level threshold = LOG_INFO;
static _Thread_local str request;

static const char *const names[] = { "debug", "info", "warn", "error" };

void log_threshold(enum log_level least)
{
    threshold = least;
}

bool log_level_read(str name, enum log_level *ret)
{
    for (size_t i = 0; i < COUNT(names); i++)
        if (str_is(name, names[i])) {
            *ret = (enum log_level)i;
            return true;
        }
    return false;
}

void log_request(str id)
{
    request = id;
}

static void out_line(struct strbuf *line, enum log_level level, const char *event,
                     const struct prop *props, size_t count, size_t text_max)
{
    out(line, S("{\"at\":\""));
    out_instant(line, clock_now());
    out_fmt(line, "\",\"level\":\"%s\",\"event\":", names[level]);
    out_json(line, str_of(event));
    if (request.len) {
        out(line, S(",\"request_id\":"));
        out_json(line, request);
    }
    for (size_t i = 0; i < count; i++) {
        struct val v = props[i].val;
        if (v.kind == VAL_STR || v.kind == VAL_BLOB)
            v.s = str_head(v.s, text_max);
        out_c(line, ',');
        out_json(line, str_of(props[i].key));
        out_c(line, ':');
        out_val_json(line, v);
    }
    out(line, S("}\n"));
}

void log_write(enum log_level level, const char *event, const struct prop *props, size_t count)
{
    if (level < threshold)
        return;
    struct strbuf line CLEANUP(strbuf_done);
    strbuf_init(&line, NULL, LINE_MAX_BYTES);
    out_line(&line, level, event, props, count, LINE_MAX_BYTES);
    if (line.overflow) { /* cut, so that at least it is known that it happened */
        strbuf_clear(&line);
        out_line(&line, level, event, props, count, TEXT_CUT_BYTES);
    }
    for (size_t at = 0; at < line.len;) { /* one write: lines of threads do not mix */
        ssize_t n = write(STDERR_FILENO, line.ptr + at, line.len - at);
        if (n <= 0)
            return;
        at += (size_t)n;
    }
}
