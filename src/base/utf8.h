/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef HETANG_UTF8_H
#define HETANG_UTF8_H

#include "base/str.h"

size_t utf8_step(
    str s); /* bytes of the character at the start; 0 if it is not valid or s is empty */
bool utf8_valid(str s, size_t *ret_bad_at);
size_t utf8_count(str s);           /* characters; a byte that is not valid counts as one */
str utf8_head(str s, size_t count); /* the first `count` characters */
uint32_t utf8_code(str s);          /* code point at the start of valid text */
/* Bytes from `at` on that stand in a JSON text as they are: no quote, backslash or control
 * character; with `ascii`, nothing above 0x7f either. */
size_t utf8_plain(str s, size_t at, bool ascii);
size_t utf8_put(uint32_t code, char out[4]); /* bytes written; code must be a scalar value */

#endif
