/* val: one value of a closed set of kinds, for what does not know its types at compile time: SQL
 * parameters and columns, log lines, placeholders of messages. V(x) is the one _Generic of the
 * house. */
#ifndef HETANG_VAL_H
#define HETANG_VAL_H

#include "base/str.h"
#include "base/strbuf.h"
#include "base/types.h"

enum val_kind { VAL_NULL, VAL_I64, VAL_F64, VAL_BOOL, VAL_STR, VAL_BLOB };

struct val {
    enum val_kind kind;
    union {
        int64_t i; /* VAL_I64, VAL_BOOL */
        double f;
        str s; /* VAL_STR, VAL_BLOB */
    };
};

struct prop {
    const char *key;
    struct val val;
};

static inline struct val val_null(void)
{
    return (struct val) { .kind = VAL_NULL };
}
static inline struct val val_i64(int64_t i)
{
    return i == NONE ? val_null() : (struct val) { .kind = VAL_I64, .i = i };
}
static inline struct val val_f64(double f)
{
    return __builtin_isnan(f) ? val_null() : (struct val) { .kind = VAL_F64, .f = f };
}
static inline struct val val_bool(bool b)
{
    return (struct val) { .kind = VAL_BOOL, .i = b };
}
static inline struct val val_str(str s)
{
    return s.ptr ? (struct val) { .kind = VAL_STR, .s = s } : val_null();
}
static inline struct val val_z(const char *z)
{
    return val_str(str_of(z));
}
static inline struct val val_blob(str s)
{
    return s.ptr ? (struct val) { .kind = VAL_BLOB, .s = s } : val_null();
}
static inline struct val val_instant(instant t)
{
    return t.ms ? val_i64(t.ms) : val_null();
}
static inline struct val val_day(day d)
{
    return val_i64(d.n);
}
static inline struct val val_money(money m)
{
    return val_i64(m.fen);
}
/* An id column: 0 is NULL. */
static inline struct val val_id(int64_t id)
{
    return id ? val_i64(id) : val_null();
}

/* A C value as a val. "None" (a NULL str, NONE, instant 0, NaN) becomes VAL_NULL; for an id use
 * ID(x). */
#define V(x) \
    _Generic((x),                                                                                  \
        bool: val_bool,                                                                            \
        int: val_i64,                                                                              \
        unsigned: val_i64,                                                                         \
        long: val_i64,                                                                             \
        long long: val_i64,                                                                        \
        unsigned long: val_i64,                                                                    \
        double: val_f64,                                                                           \
        str: val_str,                                                                              \
        char *: val_z,                                                                             \
        const char *: val_z,                                                                       \
        instant: val_instant,                                                                      \
        day: val_day,                                                                              \
        money: val_money)(x)
#define ID(x)      val_id((x).v)
#define P(key, x)  ((struct prop) { key, V(x) })
#define PROPS(...) ((struct prop[]) { __VA_ARGS__ }), COUNT(((struct prop[]) { __VA_ARGS__ }))

void out_val_json(struct strbuf *sb, struct val v); /* a blob becomes base64url */
void out_val_text(struct strbuf *sb, struct val v); /* bare text; nothing for NULL */
/* Writes `text` with every {key} replaced by its property; a key that is not there stays as it
 * stands. */
void out_filled(struct strbuf *sb, str text, const struct prop *props, size_t count);

#endif
