/* config: config.def is the whole of it. Read once at start; nothing changes it later but a
 * restart. */
#ifndef HETANG_CONFIG_H
#define HETANG_CONFIG_H

#include "base/base.h"

struct config {
    char *data; /* the folder everything is in; --data or HETANG_DATA, else ./data */
#define CONFIG_TEXT(name, initial, help)          char *name;
#define CONFIG_INT(name, initial, min, max, help) i64 name;
#define CONFIG_BOOL(name, initial, help)          bool name;
#include "core/config.def"
#undef CONFIG_TEXT
#undef CONFIG_INT
#undef CONFIG_BOOL
};

struct config_row {
    const char *name, *help;
    enum { CONFIG_TEXT_ROW, CONFIG_INT_ROW, CONFIG_BOOL_ROW } kind;
    size_t at;
    const char *initial;
    i64 min, max;
};
extern const struct config_row config_rows[];
extern const size_t config_row_count;

void config_init(struct config *c); /* defaults */
void config_done(struct config *c);
/* `name` with dashes or underscores. ERR_CONFIG with *ret_reason (static buffer of this thread). */
enum err config_set(struct config *c, str name, str value, const char **ret_reason);
/* hetang.ini of c->data, if there is one, then the environment. */
enum err config_load(struct config *c, const char **ret_reason);
void out_config_value(struct strbuf *sb, const struct config *c, const struct config_row *row);

#endif
