/* GET /api/v1/system: what whoever runs this instance asks first. Nothing in it is secret: of the
 * database's address only its kind is said, since the address may hold a password. */
#include "api/internal.h"

#include <string.h>
#include <sys/statvfs.h>

#include "base/version.h"
#include "core/reply.h"

#define VALUE_MAX 4096

static const char *const engines[] = { "sqlite", "postgresql", NULL };

#define SYSTEM_SETTING(F, T)                                                         \
    F(T, str, name, .doc = "As in hetang.ini")                                       \
    F(T, str, value, .doc = "What holds; of an address of a database only its kind") \
    F(T, str, initial, .doc = "What holds unless told")                              \
    F(T, boolean, changed, .doc = "It differs from that")                            \
    F(T, str, help, .doc = "What it does, in English")
SCHEMA(system_setting, SYSTEM_SETTING);

#define SYSTEM_STATUS(F, T)                                                                   \
    F(T, str, version, .doc = "Of the program")                                               \
    F(T, instant, started_at, .doc = "When it was started")                                   \
    F(T, instant, now, .doc = "Its clock")                                                    \
    F(T, str, engine, .choices = engines, .doc = "Which database")                            \
    F(T, i64, size_bytes, .doc = "Of the database")                                           \
    F(T, i64, journal_bytes, .nullable = true,                                                \
      .doc = "Of its journal; null where that is the database server's own business")         \
    F(T, i64, memory_bytes, .doc = "In use by the process")                                   \
    F(T, i64, disk_free_bytes, .nullable = true, .doc = "Room left where the data folder is") \
    F(T, i64, disk_total_bytes, .nullable = true, .doc = "All the room there")                \
    F(T, list, settings, .of = &system_setting_schema, .doc = "The configuration, without tests'")
SCHEMA(system_status, SYSTEM_STATUS);

static str value_of(struct ctx *cx, const struct config_row *row)
{
    struct strbuf sb;
    const char *scheme;
    strbuf_init(&sb, cx->arena, VALUE_MAX);
    out_config_value(&sb, &cx->app->config, row);
    str value = arena_str(cx->arena, strbuf_str(&sb));
    strbuf_done(&sb);
    if (strcmp(row->name, "db") == 0 && value.len) {
        scheme = memchr(value.ptr, ':', value.len);
        value.len = scheme ? (size_t)(scheme - value.ptr) : 0;
    }
    return value;
}

static size_t settings(struct ctx *cx, struct system_setting *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (strncmp(row->name, "test_", 5) == 0)
            continue;
        str value = value_of(cx, row), initial = str_of(row->initial);
        ret[n++] = (struct system_setting) { .name = str_of(row->name),
                                             .value = value,
                                             .initial = initial,
                                             .changed = !str_eq(value, initial),
                                             .help = str_of(row->help) };
    }
    return n;
}

enum err status_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct system_setting *rows = NEW_N(cx->arena, struct system_setting, config_row_count);
    struct db_stats stats;
    struct statvfs disk;
    bool known = statvfs(cx->app->config.data, &disk) == 0;
    (void)input;
    db_stats(cx->app->db, &stats);
    return reply_struct(out, &system_status_schema,
                        &(struct system_status) {
                            .version = S(HETANG_VERSION),
                            .started_at = api_of(cx)->started,
                            .now = cx->now,
                            .engine = str_of(engines[db_engine(cx->app->db)]),
                            .size_bytes = stats.size_bytes,
                            .journal_bytes = stats.journal_bytes,
                            .memory_bytes = (i64)resident_bytes(),
                            .disk_free_bytes = known ? (i64)(disk.f_bavail * disk.f_frsize) : NONE,
                            .disk_total_bytes = known ? (i64)(disk.f_blocks * disk.f_frsize) : NONE,
                            .settings = { rows, settings(cx, rows) },
                        });
}
