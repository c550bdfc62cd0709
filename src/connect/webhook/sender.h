/* sender: sends what webhooks owe (domain/webhook), in a thread of its own beside a server.
 *
 * Each round is one short write that settles the answers which came and claims what is due; the
 * sending itself happens outside of any transaction. A webhook has at most WEBHOOK_AT_ONCE under
 * way, and there is room for that of every webhook at once, so a receiver that is slow or hangs
 * holds up nobody but itself. Nothing runs while nothing is due. */
#ifndef HETANG_SENDER_H
#define HETANG_SENDER_H

#include "core/module.h"

extern const struct module connect_webhook_module;

#endif
