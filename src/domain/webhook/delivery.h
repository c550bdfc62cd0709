/* delivery: what the API shows of a webhook's deliveries; the rules are in webhook.h. Those who may
 * manage webhooks see facts about everybody: they could have them sent to themselves. */
#ifndef HETANG_DELIVERY_H
#define HETANG_DELIVERY_H

#include "core/reply.h"
#include "domain/webhook/webhook.h"

extern const struct schema delivery_schema, delivery_one_schema, delivery_page_schema,
    delivery_key_schema;

/* Writes one delivery as the reply; ERR_NOT_FOUND if there is none. */
enum err delivery_reply(struct ctx *cx, struct reply *out, webhook_id webhook, i64 seq);

route_run delivery_list_run, delivery_get_run, delivery_replay_run;

#endif
