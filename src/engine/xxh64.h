/* xxh64: XXH64 of Yann Collet with seed 0, a 64-bit checksum of bytes that runs as fast as memory
 * without special instructions. Finds accidents, not forgeries. */
#ifndef HETANG_XXH64_H
#define HETANG_XXH64_H

#include "base/base.h"

uint64_t xxh64(const void *bytes, size_t len);

#endif
