/* What the files of org share. */
#ifndef HETANG_ORG_INTERNAL_H
#define HETANG_ORG_INTERNAL_H

#include "base/vec.h"
#include "domain/org/org.h"

/* The first column of all rows as a list of ids; closes the rows. */
enum err ids_of_rows(struct arena *a, struct rows *rows, list *ret);
str text_lower(struct arena *a, str s); /* ASCII, as lower() of both engines does it */
/* For LIKE … ESCAPE '!' against lower(…): contains this text. None if it is empty. */
str like_pattern(struct arena *a, str text);

extern const struct event_type EV_STAFF_JOINED, EV_STAFF_LEFT;

enum err org_seed(struct ctx *cx); /* built-in roles, the root, everybody's permissions */

#endif
