/* Results. Every function that can fail returns `enum err`; ignoring one does not compile.
 *
 * err.def is the one list: it makes the enum, the names a client sees as `code`, the HTTP status
 * and the text in Chinese and English. Texts carry {placeholders} which the failure fills
 * (core/ctx.h: fail()). */
#ifndef HETANG_ERR_H
#define HETANG_ERR_H

enum [[nodiscard]] err {
#define ERR(name, status, zh, en) ERR_##name,
#include "base/err.def"
#undef ERR
    ERR_COUNT
};
#define OK ERR_OK

struct err_info {
    const char *name; /* "too_long": the `code` of a problem reply */
    int status;       /* HTTP */
    const char *zh, *en;
};

/* Never NULL for a value of the enum. */
const struct err_info *err_info(enum err e);

/* Returns what failed to the caller. The only macro that returns. */
#define TRY(call)                      \
    do {                               \
        enum err try_result_ = (call); \
        if (try_result_ != OK)         \
            return try_result_;        \
    } while (0)

#endif
