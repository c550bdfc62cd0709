/* config: config.def is the whole of it. Read once at start; nothing changes it later but a
 * restart. */
#ifndef HETANG_CONFIG_H
#define HETANG_CONFIG_H

#include "base/base.h"

enum config_row_index {
#define CONFIG_TEXT(name, initial, help)          CONFIG_AT_##name,
#define CONFIG_INT(name, initial, min, max, help) CONFIG_AT_##name,
#define CONFIG_BOOL(name, initial, help)          CONFIG_AT_##name,
#include "core/config.def"
#undef CONFIG_TEXT
#undef CONFIG_INT
#undef CONFIG_BOOL
    CONFIG_ROWS
};

/* Where a value comes from: each beats the one before. */
enum config_source { FROM_LIST, FROM_FILE, FROM_ENVIRONMENT, FROM_COMMAND_LINE };

struct config {
    enum config_source from[CONFIG_ROWS];
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
/* From the command line. `name` with dashes or underscores. ERR_CONFIG with *ret_reason (static
 * buffer of this thread). */
enum err config_set(struct config *c, str name, str value, const char **ret_reason);
/* hetang.ini of c->data, if there is one, then the environment. */
enum err config_load(struct config *c, const char **ret_reason);
/* Writes one setting into hetang.ini of the folder, which is replaced in one step (mode 0600);
 * other lines stay as they are. The value must be good for config_set(). */
enum err config_write(const char *folder, str name, str value, const char **ret_reason);
/* As text; a password inside a URL is not shown. */
void out_config_value(struct strbuf *sb, const struct config *c, const struct config_row *row);

#endif
