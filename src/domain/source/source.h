/* source: where facts from outside come from, and the door they come in by: the Segment
 * specification's calls (identify, track, page, screen, group, alias, batch), so that any of its
 * SDKs works unchanged.
 *
 * A message counts once (core/dedupe.h). Its time is corrected for the sender's clock. Whom it is
 * about is found or made by its identifiers (customer/identity.h): `userId` is an external id of
 * the source's scope, `anonymousId` a device. */
#ifndef HETANG_SOURCE_H
#define HETANG_SOURCE_H

#include "core/ctx.h"
#include "core/module.h"

ID_TYPE(source_id);

struct source_known {
    source_id id;
    str user_scope;
    bool trusted;
    department_id department;
    instant seen; /* when it last brought a fact, to the minute; 0 never */
};
struct source_new {
    str name, user_scope; /* none: 'user' */
    bool trusted;
    department_id department;
};
/* With a write key made up; inside a write. */
enum err source_add(struct ctx *cx, const struct source_new *s, source_id *ret);
/* By write key; ERR_NOT_SIGNED_IN if there is none such or it is switched off. */
enum err source_find(struct ctx *cx, str write_key, struct source_known *ret);
/* It brought a fact: kept at most once a minute, so that a busy source costs no write of its own.
 */
enum err source_mark(struct ctx *cx, const struct source_known *s);

/* What the log calls them. A track event whose name is one of the house's own gets the prefix
 * "sdk:". */
extern const struct event_type EV_IDENTIFY, EV_PAGE, EV_SCREEN, EV_GROUP, EV_ALIAS;

extern const struct module source_module, ingest_module;

#endif
