/* assets: files of the console, in the binary (made by tools/assets.mjs from web/console/dist). */
#ifndef HETANG_ASSETS_H
#define HETANG_ASSETS_H

#include "base/str.h"

struct asset {
    const char *path; /* "/assets/index-3f2a.js" */
    const char *media;
    const char *etag;
    bool immutable; /* its name changes with its content */
    const char *plain, *plain_end, *gzip, *gzip_end, *brotli,
        *brotli_end; /* NULL: not kept in that form */
};
extern const struct asset assets[];
extern const unsigned assets_count;

#endif
