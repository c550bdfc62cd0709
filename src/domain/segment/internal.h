/* What the files of the module share. */
#ifndef HETANG_SEGMENT_INTERNAL_H
#define HETANG_SEGMENT_INTERNAL_H

#include "core/app.h"
#include "domain/segment/segment.h"

#define SEGMENT_WEEK 7

/* Keeps which segments and tags a condition names. Inside a write. */
enum err segment_uses_put(struct ctx *cx, segment_id id, doc condition);
enum err segment_uses_clear(struct ctx *cx, segment_id id);

#define SEGMENT_ROUTES 9
extern const struct route segment_routes[SEGMENT_ROUTES];

#endif
