/* hetang backup: a consistent copy while the server works, packed, and read back before it counts.
 */
#include "app/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/instance.h"
#include "base/log.h"
#include "base/time.h"
#include "base/vec.h"
#include "store/move.h"

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

#define TEMPORARY_HEAD ".hetang-backup-"

struct backup {
    struct invocation *in;
    struct arena *arena;
    bool with_key;
    const char *folder; /* the temporary one: holds the copy, then what was read back */
    const char *part;   /* the backup while it is not whole */
    const char *file;   /* where it will be */
    instant at;
    i64 database_bytes, bytes;
    struct backup_table *tables;
    size_t table_count;
    const char *reason;
};

static void remove_temporary(struct backup *b)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    static const char *const more[] = { DATABASE_FILE "-wal", DATABASE_FILE "-shm" };
    for (size_t i = 0; backup_files[i]; i++)
        unlink(arena_fmt(&a, "%s/%s", b->folder, backup_files[i]).ptr);
    for (size_t i = 0; i < COUNT(more); i++)
        unlink(arena_fmt(&a, "%s/%s", b->folder, more[i]).ptr);
    rmdir(b->folder);
    unlink(b->part);
}

static const char *copied(struct backup *b)
{
    return arena_fmt(b->arena, "%s/" DATABASE_FILE, b->folder).ptr;
}

static void watch_move(void *arg, str table, i64 done, i64 total, bool verifying)
{
    (void)table;
    struct backup_step *s = arg;
    s->what = verifying ? "Comparing rows" : "Copying rows";
    progress(s->in, s->what, MIN(done, total ? total - 1 : 0), MAX(total, 1));
}

/* The rows as one transaction sees them, moved into a file: what restores on any engine, and is
 * read back as any other. */
static enum err copy_server(struct backup *b, struct db *db)
{
    struct backup_step step = { b->in, "Copying rows" };
    struct db_options options = { .url = copied(b), .conns_max = 2 };
    struct db_moved *moved;
    struct db *copy;
    size_t count;
    int pending = 0, applied;
    TRY(db_pending(db, &pending, NULL, NULL, &b->reason));
    if (pending) {
        b->reason = reason("%d migrations are missing; apply them first: hetang migrate", pending);
        return ERR_CONFIG;
    }
    TRY(db_open(&options, &copy, &b->reason));
    enum err e = db_migrate(copy, &applied, &b->reason);
    if (e == OK)
        e = db_move(&(struct db_move) { db, copy, watch_move, &step }, b->arena, &moved, &count,
                    &b->reason);
    db_close(copy);
    return e;
}

static enum err copy_file(struct backup *b, struct db *db)
{
    struct backup_step step = { b->in, "Copying" };
    enum err e = db_backup(db, copied(b), backup_watch, &step);
    if (e != OK)
        b->reason = reason("the database cannot be copied: %s",
                           e == ERR_DISK_FULL ? "the disk is full" : err_info(e)->en);
    return e;
}

static enum err copy_database(struct backup *b, struct db *db)
{
    TRY(db_engine(db) == DB_PG ? copy_server(b, db) : copy_file(b, db));
    chmod(copied(b), 0600);
    return backup_count(b->arena, copied(b), &b->tables, &b->table_count, &b->reason);
}

struct manifest_file {
    const char *name;
    uint8_t sha[SHA256_LEN];
    i64 bytes;
};

static str manifest(struct backup *b, const struct manifest_file *files, size_t count)
{
    struct strbuf sb;
    strbuf_init(&sb, b->arena, 1 << 20);
    struct json_writer w = json_writer(&sb);
    json_open(&w, NULL);
    json_put(&w, "format", 1);
    json_put(&w, "hetang", HETANG_VERSION);
    json_time(&w, "at", b->at);
    json_list(&w, "files");
    for (size_t i = 0; i < count; i++) {
        struct strbuf hex;
        strbuf_init(&hex, b->arena, 100);
        out_hex(&hex, files[i].sha, SHA256_LEN);
        json_open(&w, NULL);
        json_put(&w, "name", files[i].name);
        json_put(&w, "bytes", files[i].bytes);
        json_put(&w, "sha256", strbuf_str(&hex));
        json_close(&w);
    }
    json_list_end(&w);
    json_open(&w, "tables");
    for (size_t i = 0; i < b->table_count; i++)
        json_put(&w, arena_z(b->arena, b->tables[i].name), b->tables[i].rows);
    json_close(&w);
    json_close(&w);
    json_done(&w);
    out_c(&sb, '\n');
    return strbuf_str(&sb);
}

static enum err add_all(struct backup *b, struct archive *ar)
{
    struct backup_step step = { b->in, "Packing" };
    const struct archive_watch show = { backup_watch, &step };
    struct manifest_file files[2] = { { .name = DATABASE_FILE }, { .name = KEY_FILE } };
    size_t count = 1;
    TRY(archive_add_file(ar, DATABASE_FILE, copied(b), &show, files[0].sha, &files[0].bytes,
                         &b->reason));
    b->database_bytes = files[0].bytes;
    if (b->with_key) {
        TRY(archive_add_file(ar, KEY_FILE, instance_path(&b->in->config, b->arena, KEY_FILE).ptr,
                             NULL, files[1].sha, &files[1].bytes, &b->reason));
        count = 2;
    }
    return archive_add_text(ar, MANIFEST_FILE, manifest(b, files, count), &b->reason);
}

static enum err pack(struct backup *b)
{
    struct archive *ar;
    TRY(archive_create(b->part, &ar, &b->reason));
    enum err e = add_all(b, ar);
    if (e != OK) {
        archive_abandon(ar);
        return e;
    }
    TRY(archive_finish(ar, &b->reason));
    unlink(copied(b)); /* room for reading it back */
    return OK;
}

static enum err read_back(struct backup *b)
{
    struct backup_manifest there;
    TRY(backup_open(b->in, b->arena, b->part, b->folder, &there, &b->reason));
    bool same = there.table_count == b->table_count;
    for (size_t i = 0; i < b->table_count; i++)
        same = same && there.tables[i].rows == b->tables[i].rows;
    if (same)
        return OK;
    b->reason = "the backup is damaged: it does not hold what was copied";
    return ERR_FILE;
}

static enum err put_in_place(struct backup *b)
{
    struct stat st;
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", b->file);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[1] = '\0';
    if (stat(b->part, &st) != 0 || rename(b->part, b->file) != 0) {
        b->reason = reason("cannot make %s: %s", b->file, strerror(errno));
        return ERR_FILE;
    }
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    b->bytes = st.st_size;
    return OK;
}

/* The copy, then the packed file and the copy read back from it: never more than this at once. */
static enum err check_room(struct backup *b, struct db *db, const char *folder)
{
    i64 size = db_size_bytes(db), left = disk_left(folder), needed = size + size / 2 + (1 << 20);
    if (left < 0 || left >= needed)
        return OK;
    struct strbuf sb;
    strbuf_init(&sb, b->arena, 1000);
    out(&sb, S("there is room for "));
    out_bytes(&sb, left);
    out_fmt(&sb, " in %s, and the backup needs up to ", folder);
    out_bytes(&sb, needed);
    out(&sb, S("; make room, or name another folder with --out"));
    b->reason = reason("%.*s", STR_ARG(strbuf_str(&sb)));
    return ERR_DISK_FULL;
}

static enum err make_backup(struct backup *b, const char *folder)
{
    struct db *db;
    char name[4096];
    snprintf(name, sizeof name, "%s/" TEMPORARY_HEAD "XXXXXX", folder);
    if (access(b->file, F_OK) == 0) {
        b->reason = reason("%s is there already", b->file);
        return ERR_FILE;
    }
    TRY(instance_db(&b->in->config, &db, &b->reason));
    enum err e = check_room(b, db, folder);
    if (e == OK && !mkdtemp(name)) {
        b->reason = reason("cannot write in %s: %s", folder, strerror(errno));
        e = ERR_FILE;
    }
    if (e == OK) {
        b->folder = name;
        b->part = arena_fmt(b->arena, "%s.part", name).ptr;
        e = copy_database(b, db);
        if (e == OK)
            e = pack(b);
        if (e == OK)
            e = read_back(b);
        if (e == OK)
            e = put_in_place(b);
        remove_temporary(b);
    }
    db_close(db);
    progress_end(b->in);
    return e;
}

static void say_done(struct backup *b)
{
    struct strbuf sb;
    strbuf_init(&sb, b->arena, 1 << 20);
    if (b->in->json) {
        struct json_writer w = json_writer(&sb);
        json_open(&w, NULL);
        json_put(&w, "file", b->file);
        json_time(&w, "at", b->at);
        json_put(&w, "bytes", b->bytes);
        json_put(&w, "database_bytes", b->database_bytes);
        json_put(&w, "with_key", b->with_key);
        json_open(&w, "tables");
        for (size_t i = 0; i < b->table_count; i++)
            json_put(&w, arena_z(b->arena, b->tables[i].name), b->tables[i].rows);
        json_close(&w);
        json_close(&w);
    } else {
        i64 rows = 0;
        for (size_t i = 0; i < b->table_count; i++)
            rows += b->tables[i].rows;
        out_fmt(&sb, "%s: ", b->file);
        out_bytes(&sb, b->bytes);
        out(&sb, S(" ("));
        out_bytes(&sb, b->database_bytes);
        out_fmt(&sb, " unpacked), %zu tables, %lld rows, read back and found whole.",
                b->table_count, (long long)rows);
    }
    printf("%.*s\n", STR_ARG(strbuf_str(&sb)));
    fflush(stdout);
    if (!b->with_key && !b->in->json)
        fprintf(
            stderr,
            "hetang: the key file is not in it, and without it private data cannot be read: keep "
            "a copy of %s apart from the backup\n",
            instance_path(&b->in->config, b->arena, KEY_FILE).ptr);
}

#define NAME_HEAD "hetang-"
#define NAME_TAIL ".tar.gz"

/* hetang-20260302T020000Z.tar.gz: in the order of time. */
static str name_of(struct arena *a, instant at)
{
    struct strbuf sb, plain;
    strbuf_init(&sb, a, 100);
    strbuf_init(&plain, a, 100);
    out_instant(&sb, (instant) { at.ms / 1000 * 1000 });
    str text = strbuf_str(&sb);
    out(&plain, S(NAME_HEAD));
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '-' && text.ptr[i] != ':')
            out_c(&plain, text.ptr[i]);
    out(&plain, S(NAME_TAIL));
    return strbuf_str(&plain);
}

static int one_backup(struct invocation *in, const char *folder, const char *file)
{
    struct arena arena CLEANUP(arena_done) = { 0 };
    struct backup b = { .in = in,
                        .arena = &arena,
                        .with_key = option(in, "with-key") != NULL,
                        .at = clock_now(),
                        .reason = "" };
    b.file = file ? file : arena_fmt(&arena, "%s/%.*s", folder, STR_ARG(name_of(&arena, b.at))).ptr;
    if (make_backup(&b, folder) != OK)
        return complain("%s", b.reason);
    say_done(&b);
    return EXIT_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_ours(const char *name)
{
    str s = str_of(name);
    return s.len == strlen(NAME_HEAD "20260302T020000Z" NAME_TAIL) && str_starts(s, S(NAME_HEAD)) &&
           str_ends(s, S(NAME_TAIL));
}

/* What a run that was killed has left; a day old, so that nobody is still at it. */
static void remove_left(struct arena *a, const char *folder, const char *name)
{
    struct stat st;
    struct backup left = { .arena = a, .folder = arena_fmt(a, "%s/%s", folder, name).ptr };
    left.part = left.folder; /* one of the two: unlink() leaves a folder, rmdir() a file */
    if (stat(left.folder, &st) == 0 && clock_now().ms - (i64)st.st_mtime * 1000 > DAY_MS)
        remove_temporary(&left);
}

/* Removes the oldest of our backups beyond `keep`. */
static void prune(const char *folder, i64 keep)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    VEC(const char *) names = { 0 };
    DIR *dir = opendir(folder);
    for (struct dirent *d; dir && (d = readdir(dir));) {
        if (is_ours(d->d_name))
            *vec_push(&a, &names) = arena_z(&a, str_of(d->d_name));
        else if (str_starts(str_of(d->d_name), S(TEMPORARY_HEAD)))
            remove_left(&a, folder, d->d_name);
    }
    if (dir)
        closedir(dir);
    if (names.n)
        qsort(names.at, names.n, sizeof *names.at, by_name);
    for (size_t i = 0; i + (size_t)keep < names.n; i++) {
        const char *path = arena_fmt(&a, "%s/%s", folder, names.at[i]).ptr;
        if (unlink(path) != 0)
            complain("cannot remove %s: %s", path, strerror(errno));
    }
}

/* "6h", "30m", "45s", "1d". */
static bool duration(const char *text, i64 *ret_ms)
{
    static const struct {
        char unit;
        i64 ms;
    } units[] = { { 's', SECOND_MS }, { 'm', MINUTE_MS }, { 'h', HOUR_MS }, { 'd', DAY_MS } };
    str s = str_of(text);
    i64 n;
    if (s.len < 2 || !str_to_i64(str_head(s, s.len - 1), &n) || n < 1 || n > 10000)
        return false;
    for (size_t i = 0; i < COUNT(units); i++)
        if (s.ptr[s.len - 1] == units[i].unit) {
            *ret_ms = n * units[i].ms;
            return true;
        }
    return false;
}

/* One after another until told to stop. A backup that fails is complained of, and the next is tried
 * at its time. */
static int keep_on(struct invocation *in, const char *folder, i64 every_ms, i64 keep)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* a backup that has begun is ended first */
    for (i64 next_us = clock_monotonic_us();; next_us += every_ms * 1000) {
        if (one_backup(in, folder, NULL) == EXIT_OK)
            prune(folder, keep);
        i64 wait_us = MAX(next_us + every_ms * 1000 - clock_monotonic_us(), 0);
        struct timespec until = { wait_us / 1000000, wait_us % 1000000 * 1000 };
        if (sigtimedwait(&signals, NULL, &until) > 0)
            return EXIT_OK;
    }
}

int run_backup(struct invocation *in)
{
    const char *every = option(in, "every"), *folder = option(in, "out"),
               *file = in->argument_count ? in->arguments[0] : NULL;
    i64 every_ms = 0, keep = 0;
    char parent[4096] = ".";
    if (every && (!duration(every, &every_ms) || file)) {
        complain(file ? "--every names its files itself; say where with --out"
                      : "--every is a number and s, m, h or d, such as 6h");
        return EXIT_USAGE;
    }
    if (!option_i64(in, "keep", 28, 1, 100000, &keep))
        return EXIT_USAGE;
    if (file && folder) {
        complain("a file or --out, not both");
        return EXIT_USAGE;
    }
    if (file && strrchr(file, '/'))
        snprintf(parent, sizeof parent, "%.*s", (int)MAX(strrchr(file, '/') - file, 1), file);
    if (!folder)
        folder = parent;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return complain("cannot make the folder %s: %s", folder, strerror(errno));
    return every ? keep_on(in, folder, every_ms, keep) : one_backup(in, folder, file);
}
