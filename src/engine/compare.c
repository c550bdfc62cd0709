/* Comparisons, made ready for the values of the columns. */
#include "engine/engine_internal.h"

int i64_order(const void *pa, const void *pb)
{
    i64 a = *(const i64 *)pa, b = *(const i64 *)pb;
    return a < b ? -1 : a > b;
}

static bool part_of(enum compare_op op, str text, str part)
{
    if (op == COMPARE_STARTS)
        return str_starts(text, part);
    return str_has(text, part);
}

void test_make(const struct engine *e, struct arena *a, const struct compare *c, struct test *ret)
{
    struct test t = { .op = c->op, .kind = c->kind, .low = c->low, .high = c->high, .yes = c->yes };
    if (c->op == COMPARE_CONTAINS || c->op == COMPARE_STARTS) {
        t.kind = VALUE_TEXT;
        t.texts = NEW_N(a, uint64_t, e->dict.count / 64 + 1);
        for (uint32_t n = 1; n <= e->dict.count; n++)
            if (part_of(c->op, dict_text(&e->dict, n), c->values->text))
                t.texts[n / 64] |= UINT64_C(1) << (n % 64);
    } else if (c->op == COMPARE_IN || c->op == COMPARE_NOT_IN) {
        t.values = NEW_N(a, i64, c->count);
        for (size_t i = 0; i < c->count; i++) {
            i64 value = c->kind == VALUE_TEXT ? dict_find(&e->dict, c->values[i].text)
                                              : c->values[i].number;
            if (c->kind != VALUE_TEXT || value) /* a text nobody has */
                t.values[t.count++] = value;
        }
        qsort(t.values, t.count, sizeof *t.values, i64_order);
    } else if (c->op == COMPARE_RANGE) {
        t.kind = VALUE_NUMBER;
    }
    *ret = t;
}

static bool among(const struct test *t, i64 value)
{
    if (t->count <= 8) {
        for (size_t i = 0; i < t->count; i++)
            if (t->values[i] == value)
                return true;
        return false;
    }
    return bsearch(&value, t->values, t->count, sizeof value, i64_order);
}

bool test_holds(const struct test *t, i64 value)
{
    if (value == NONE)
        return t->op == COMPARE_NOT_IN || (t->op == COMPARE_EXISTS && !t->yes);
    switch (t->op) {
    case COMPARE_IN: return among(t, value);
    case COMPARE_NOT_IN: return !among(t, value);
    case COMPARE_RANGE:
        return (t->low == NONE || value >= t->low) && (t->high == NONE || value <= t->high);
    case COMPARE_EXISTS: return t->yes;
    case COMPARE_CONTAINS:
    case COMPARE_STARTS: return t->texts[value / 64] >> (value % 64) & 1;
    }
    return false;
}
