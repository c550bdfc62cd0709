/* GET /api/v1/system: what whoever runs this instance asks first. Nothing in it is secret: of the
 * database's address only its kind is said, since the address may hold a password. */
#include "api/internal.h"

#include <sys/statvfs.h>

#include "base/version.h"
#include "core/reply.h"

static const char *const engines[] = { "sqlite", "postgresql", NULL };

#define SYSTEM_STATUS(F, T)                                                                        \
    F(T, str, version, .doc = "Of the program")                                                    \
    F(T, instant, started_at, .doc = "When it was started")                                        \
    F(T, instant, now, .doc = "Its clock")                                                         \
    F(T, str, engine, .choices = engines, .doc = "Which database")                                 \
    F(T, i64, size_bytes, .doc = "Of the database")                                                \
    F(T, i64, journal_bytes, .nullable = true,                                                     \
      .doc = "Of its journal; null where that is the database server's own business")              \
    F(T, i64, memory_bytes, .doc = "In use by the process")                                        \
    F(T, i64, disk_free_bytes, .nullable = true, .doc = "Room left where the data folder is")      \
    F(T, i64, disk_total_bytes, .nullable = true, .doc = "All the room there")                     \
    F(T, list, settings, .of = &system_setting_schema, .doc = "The configuration, without tests'") \
    F(T, str, file_problem, .nullable = true,                                                      \
      .doc = "What is wrong with hetang.ini as it stands now, in English; null: it is good")
SCHEMA(system_status, SYSTEM_STATUS);

enum err status_run(struct ctx *cx, const void *input, struct reply *out)
{
    struct db_stats stats;
    struct statvfs disk;
    bool known = statvfs(cx->app->config.data, &disk) == 0;
    (void)input;
    db_stats(cx->app->db, &stats);
    struct settings_shown shown = settings_show(cx);
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
                            .settings = shown.rows,
                            .file_problem = shown.problem,
                        });
}
