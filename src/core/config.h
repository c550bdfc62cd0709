/* config: config.def is the whole of it, read at start. Later only config_take() changes it, and
 * only rows that are AT_ONCE: their values are atomic and read where they are used, so any thread
 * may do so at any time. Texts never change. */
#ifndef HETANG_CONFIG_H
#define HETANG_CONFIG_H

#include "base/base.h"

enum config_row_index {
#define CONFIG_TEXT(name, initial, effect, help)            CONFIG_AT_##name,
#define CONFIG_CHOICE(name, initial, choices, effect, help) CONFIG_AT_##name,
#define CONFIG_INT(name, initial, min, max, effect, help)   CONFIG_AT_##name,
#define CONFIG_BOOL(name, initial, effect, help)            CONFIG_AT_##name,
#include "core/config.def"
#undef CONFIG_TEXT
#undef CONFIG_CHOICE
#undef CONFIG_INT
#undef CONFIG_BOOL
    CONFIG_ROWS
};

/* Where a value comes from: each beats the one before. */
enum config_source { FROM_LIST, FROM_FILE, FROM_ENVIRONMENT, FROM_COMMAND_LINE };
/* How the console may change it: config.def says what each means. */
enum config_effect { AT_ONCE, AT_START, BY_FILE };

struct config {
    _Atomic enum config_source from[CONFIG_ROWS];
    char *data; /* the folder everything is in; --data or HETANG_DATA, else ./data */
#define CONFIG_TEXT(name, initial, effect, help)            char *name;
#define CONFIG_CHOICE(name, initial, choices, effect, help) const char *_Atomic name;
#define CONFIG_INT(name, initial, min, max, effect, help)   _Atomic i64 name;
#define CONFIG_BOOL(name, initial, effect, help)            _Atomic bool name;
#include "core/config.def"
#undef CONFIG_TEXT
#undef CONFIG_CHOICE
#undef CONFIG_INT
#undef CONFIG_BOOL
};

struct config_row {
    const char *name, *help;
    enum { CONFIG_TEXT_ROW, CONFIG_CHOICE_ROW, CONFIG_INT_ROW, CONFIG_BOOL_ROW } kind;
    enum config_effect effect;
    size_t at;
    const char *initial;
    i64 min, max;
    const char *const *choices; /* NULL-terminated; of a choice */
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
/* NULL: there is none of this name. */
const struct config_row *config_find(str name);
/* A value that has been checked, of a row that is AT_ONCE, holds from now on. */
enum err config_take(struct config *c, const struct config_row *row, enum config_source from,
                     str value, const char **ret_reason);

/* hetang.ini with one setting changed, ready beside the old one on the disk, while nobody else can
 * write it: what is left to do cannot run out of room. */
struct config_draft {
    char *path, *fresh;
    int folder; /* locked; -1: nothing is open */
};
/* Other lines stay as they are. No value: the setting is left out, so that its default holds. The
 * value must be good for config_set(). */
enum err config_draft(const char *folder, str name, str value, struct config_draft *ret,
                      const char **ret_reason);
/* Puts the draft in the place of the file, in one step (mode 0600). */
enum err config_publish(struct config_draft *d, const char **ret_reason);
void config_draft_done(struct config_draft *d); /* one that was not published is gone */
/* Both at once. */
enum err config_write(const char *folder, str name, str value, const char **ret_reason);
/* As text; a password inside a URL is not shown. */
void out_config_value(struct strbuf *sb, const struct config *c, const struct config_row *row);

#endif
