/* log: one JSON object a line on standard error, with the request it belongs to. Floor 0 logs
 * nothing above debug; each failure is logged once, where it is decided what to do about it. */
#ifndef HETANG_LOG_H
#define HETANG_LOG_H

#include "base/val.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_threshold(enum log_level least);
bool log_level_read(str name, enum log_level *ret);
/* The request id of this thread, shown on each of its lines until changed; STR_NONE for none. Kept
 * by reference. */
void log_request(str id);
void log_write(enum log_level level, const char *event, const struct prop *props, size_t count);

#define log_debug(event, ...) log_write(LOG_DEBUG, event, PROPS(__VA_ARGS__))
#define log_info(event, ...)  log_write(LOG_INFO, event, PROPS(__VA_ARGS__))
#define log_warn(event, ...)  log_write(LOG_WARN, event, PROPS(__VA_ARGS__))
#define log_error(event, ...) log_write(LOG_ERROR, event, PROPS(__VA_ARGS__))

#endif
