/* A backup read back and held against its manifest: see backup.h. */
#include "app/backup.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "app/instance.h"
#include "base/time.h"
#include "base/vec.h"

const char *const backup_files[] = { DATABASE_FILE, KEY_FILE, MANIFEST_FILE, NULL };

static const char *reason(const char *format, ...) PRINTF(1, 2);
static const char *reason(const char *format, ...)
{
    static _Thread_local char text[1200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

void backup_watch(void *arg, i64 done, i64 total)
{
    struct backup_step *s = arg;
    if (s->in)
        progress(s->in, s->what, done, MAX(total, done));
}

struct counting {
    struct arena *arena;
    VEC(struct backup_table) tables;
};

static void count_table(void *arg, str table, i64 rows)
{
    struct counting *c = arg;
    *vec_push(c->arena, &c->tables) =
        (struct backup_table) { .name = arena_str(c->arena, table), .rows = rows };
}

enum err backup_count(struct arena *a, const char *database, struct backup_table **ret,
                      size_t *ret_count, const char **ret_reason)
{
    struct counting c = { .arena = a };
    TRY(db_file_check(database, count_table, &c, ret_reason));
    *ret = c.tables.at;
    *ret_count = c.tables.n;
    return OK;
}

static enum err not_whole(const char **ret_reason, const char *what)
{
    *ret_reason = reason("the backup is damaged: %s", what);
    return ERR_FILE;
}

static enum err read_manifest(struct arena *a, const char *folder, struct backup_manifest *ret,
                              const struct json **ret_json, const char **ret_reason)
{
    char *text = arena_alloc(a, 1 << 20);
    int fd = open(arena_fmt(a, "%s/" MANIFEST_FILE, folder).ptr, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, 1 << 20);
    if (fd >= 0)
        close(fd);
    struct json_error bad;
    i64 format = 0;
    const struct json *j = len > 0 ? json_read(a, (str) { text, (size_t)len }, &bad) : NULL;
    if (!json_i64(json_get(j, "format"), &format))
        return not_whole(ret_reason, "its manifest is missing; it was perhaps cut short");
    if (format != 1) {
        *ret_reason =
            reason("the backup was made by a newer Hetang (format %lld)", (long long)format);
        return ERR_CONFIG;
    }
    const struct json *at = json_get(j, "at"), *version = json_get(j, "hetang");
    if (!at || !instant_read(at->text, &ret->at) || !version)
        return not_whole(ret_reason, "its manifest makes no sense");
    ret->hetang = version->text;
    *ret_json = j;
    return OK;
}

/* Each file of the manifest has arrived as it was, and nothing else has. */
static enum err check_files(const struct json *manifest, const struct archive_file *files,
                            size_t count, struct backup_manifest *ret, const char **ret_reason)
{
    size_t found = 0;
    const struct json *all = json_get(manifest, "files");
    for (const struct json *f = all ? all->first : NULL; f; f = f->next) {
        const struct json *name = json_get(f, "name"), *sha = json_get(f, "sha256");
        uint8_t digest[SHA256_LEN];
        size_t i = 0;
        while (i < count && !(name && str_is(name->text, files[i].name)))
            i++;
        if (i == count || !sha || !str_from_hex(sha->text, digest, SHA256_LEN) ||
            memcmp(digest, files[i].sha, SHA256_LEN) != 0)
            return not_whole(ret_reason, "a file is not what the manifest says");
        ret->has_key |= str_is(name->text, KEY_FILE);
        found++;
    }
    return found + 1 == count ? OK
                              : not_whole(ret_reason, "it holds a file the manifest does not know");
}

static enum err check_rows(struct arena *a, const struct json *manifest, const char *folder,
                           struct backup_manifest *ret, const char **ret_reason)
{
    const struct json *tables = json_get(manifest, "tables");
    const char *database = arena_fmt(a, "%s/" DATABASE_FILE, folder).ptr;
    TRY(backup_count(a, database, &ret->tables, &ret->table_count, ret_reason));
    if (!tables || tables->count != ret->table_count)
        return not_whole(ret_reason, "its tables are not those of the manifest");
    for (size_t i = 0; i < ret->table_count; i++) {
        i64 rows = -1;
        if (!json_i64(json_find(tables, ret->tables[i].name), &rows) ||
            rows != ret->tables[i].rows) {
            *ret_reason = reason(
                "the backup is damaged: table %.*s has %lld rows, and should have %lld",
                STR_ARG(ret->tables[i].name), (long long)ret->tables[i].rows, (long long)rows);
            return ERR_FILE;
        }
    }
    return OK;
}

enum err backup_open(struct invocation *in, struct arena *a, const char *file, const char *folder,
                     struct backup_manifest *ret, const char **ret_reason)
{
    struct archive_file files[ARCHIVE_FILES_MAX];
    struct backup_step step = { in, "Reading back" };
    size_t count = 0;
    const struct json *manifest;
    *ret = (struct backup_manifest) { 0 };
    TRY(archive_extract(file, folder, backup_files, &(struct archive_watch) { backup_watch, &step },
                        files, &count, ret_reason));
    TRY(read_manifest(a, folder, ret, &manifest, ret_reason));
    TRY(check_files(manifest, files, count, ret, ret_reason));
    return check_rows(a, manifest, folder, ret, ret_reason);
}
