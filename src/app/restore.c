/* hetang restore: a backup becomes an instance, in a folder that holds nothing else. */
#include "app/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/instance.h"
#include "base/time.h"
#include "core/secret.h"
#include "store/move.h"

/* Where everything is made; what was broken off stands nowhere else. Inside the folder, since that
 * may be a volume of its own. */
#define WORK_FOLDER "restoring"

/* In the order in which they take their places: with the database it is an instance. */
static const char *const made[] = { KEY_FILE, "hetang.ini", DATABASE_FILE "-wal", DATABASE_FILE,
                                    NULL };

static void clear(struct arena *a, const char *work)
{
    for (size_t i = 0; made[i]; i++)
        unlink(arena_fmt(a, "%s/%s", work, made[i]).ptr);
    unlink(arena_fmt(a, "%s/" DATABASE_FILE "-shm", work).ptr);
    unlink(arena_fmt(a, "%s/" MANIFEST_FILE, work).ptr);
    rmdir(work);
}

/* OK when the folder is there and holds nothing; *ret_made when it was made here. */
static int take_folder(const char *folder, bool *ret_made)
{
    *ret_made = mkdir(folder, 0700) == 0;
    if (*ret_made)
        return EXIT_OK;
    if (errno != EEXIST)
        return complain("cannot make the folder %s: %s", folder, strerror(errno));
    DIR *dir = opendir(folder);
    if (!dir)
        return complain("cannot look into %s: %s", folder, strerror(errno));
    bool empty = true;
    for (struct dirent *d; (d = readdir(dir));)
        empty &= strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 ||
                 strcmp(d->d_name, WORK_FOLDER) == 0;
    closedir(dir);
    return empty ? EXIT_OK
                 : complain("%s is not empty; a backup is restored into a folder of its own "
                            "(--data FOLDER), nothing is ever written over",
                            folder);
}

static enum err publish(struct arena *a, const char *work, const char *folder,
                        const char **ret_reason)
{
    for (size_t i = 0; made[i]; i++)
        if (rename(arena_fmt(a, "%s/%s", work, made[i]).ptr,
                   arena_fmt(a, "%s/%s", folder, made[i]).ptr) != 0 &&
            errno != ENOENT) {
            *ret_reason =
                arena_fmt(a, "cannot move %s into %s: %s", made[i], folder, strerror(errno)).ptr;
            return ERR_FILE;
        }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    return OK;
}

static enum err copy_key(struct arena *a, const char *from, const char *to, const char **ret_reason)
{
    char text[16384];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    ssize_t len = in < 0 ? -1 : read(in, text, sizeof text);
    if (in >= 0)
        close(in);
    int out = len > 0 ? open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    bool ok = out >= 0 && write(out, text, (size_t)len) == len && fsync(out) == 0;
    int why = errno;
    if (out >= 0)
        close(out);
    if (ok)
        return OK;
    *ret_reason = arena_fmt(a, "the key file %s cannot be copied: %s", from, strerror(why)).ptr;
    return ERR_FILE;
}

static void watch_move(void *arg, str table, i64 done, i64 total, bool verifying)
{
    (void)table;
    progress(arg, verifying ? "Comparing rows" : "Writing rows", MIN(done, total ? total - 1 : 0),
             MAX(total, 1));
}

/* Into a server that holds nothing: the file brought up to date, its rows moved, compared, and the
 * file removed. */
static enum err into_server(struct invocation *in, struct arena *a, const char **ret_reason)
{
    struct db_options here = { .url = instance_path(&in->config, a, DATABASE_FILE).ptr,
                               .conns_max = 2 },
                      there = { .url = in->config.db, .conns_max = 2 };
    struct db *from = NULL, *to = NULL;
    struct db_moved *moved;
    size_t count;
    int applied;
    enum err e = db_open(&here, &from, ret_reason);
    if (e == OK)
        e = db_migrate(from, &applied, ret_reason);
    if (e == OK)
        e = db_open(&there, &to, ret_reason);
    if (e == OK)
        e = db_migrate(to, &applied, ret_reason);
    if (e == OK)
        e = db_move(&(struct db_move) { from, to, watch_move, in }, a, &moved, &count, ret_reason);
    if (e == OK)
        e = config_write(in->config.data, S("db"), str_of(in->config.db), ret_reason);
    db_close(to);
    db_close(from);
    if (e == OK)
        unlink(here.url);
    return e;
}

/* What most want to see at once; the rest is in --json. */
static const char *const shown[] = { "customer", "sales_order", "event", "staff", "tag", "audit" };

static void say(struct invocation *in, struct arena *a, const struct backup_manifest *m,
                bool has_key)
{
    struct strbuf sb;
    strbuf_init(&sb, a, 1 << 20);
    i64 rows = 0;
    for (size_t i = 0; i < m->table_count; i++)
        rows += m->tables[i].rows;
    if (in->json) {
        struct json_writer w = json_writer(&sb);
        json_open(&w, NULL);
        json_put(&w, "data", in->config.data);
        json_time(&w, "at", m->at);
        json_put(&w, "hetang", m->hetang);
        json_put(&w, "has_key", has_key);
        json_open(&w, "tables");
        for (size_t i = 0; i < m->table_count; i++)
            json_put(&w, arena_z(a, m->tables[i].name), m->tables[i].rows);
        json_close(&w);
        json_close(&w);
        printf("%.*s\n", STR_ARG(strbuf_str(&sb)));
        return;
    }
    out_fmt(&sb, "%s holds the backup of ", in->config.data);
    out_instant(&sb, m->at);
    out_fmt(&sb, " (Hetang %.*s), found whole: %zu tables, %lld rows", STR_ARG(m->hetang),
            m->table_count, (long long)rows);
    if (instance_on_pg(&in->config))
        out(&sb, S("; they are on the server, and hetang.ini says where"));
    for (size_t i = 0; i < COUNT(shown); i++)
        for (size_t k = 0; k < m->table_count; k++)
            if (str_is(m->tables[k].name, shown[i]))
                out_fmt(&sb, "\n  %-12s %lld", shown[i], (long long)m->tables[k].rows);
    printf("%.*s\n", STR_ARG(strbuf_str(&sb)));
    if (!has_key)
        printf(
            "Its key file was kept apart: put your copy at %s/%s (mode 0600) before you start it.\n",
            in->config.data, KEY_FILE);
    printf("Start it with: hetang serve --data %s\n", in->config.data);
}

static enum err restore(struct invocation *in, struct arena *a, struct backup_manifest *ret,
                        bool *ret_key, const char **ret_reason)
{
    const char *key = option(in, "key");
    const char *key_here = arena_fmt(a, "%s/" KEY_FILE, in->config.data).ptr;
    TRY(backup_open(in, a, in->arguments[0], in->config.data, ret, ret_reason));
    if (key)
        TRY(copy_key(a, key, key_here, ret_reason));
    *ret_key = access(key_here, F_OK) == 0;
    if (*ret_key) {
        struct secrets *s = NULL;
        enum err e = secrets_open(key_here, false, &s, ret_reason);
        secrets_close(s);
        TRY(e);
    }
    return instance_on_pg(&in->config) ? into_server(in, a, ret_reason) : OK;
}

int run_restore(struct invocation *in)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    char *folder = in->config.data;
    const str work_folder = arena_fmt(&a, "%s/" WORK_FOLDER, folder);
    const char *work = work_folder.ptr, *why = "";
    struct backup_manifest manifest;
    bool fresh, has_key = false;
    if (access(in->arguments[0], R_OK) != 0)
        return complain("cannot read %s: %s", in->arguments[0], strerror(errno));
    int code = take_folder(folder, &fresh);
    if (code != EXIT_OK)
        return code;
    clear(&a, work);
    if (mkdir(work, 0700) != 0)
        return complain("cannot make the folder %s: %s", work, strerror(errno));
    in->config.data = xstrdup(work_folder);
    enum err e = restore(in, &a, &manifest, &has_key, &why);
    free(in->config.data);
    in->config.data = folder;
    progress_end(in);
    if (e == OK)
        e = publish(&a, work, folder, &why);
    clear(&a, work);
    if (e != OK) {
        if (fresh)
            rmdir(folder);
        return complain("%s", why);
    }
    say(in, &a, &manifest, has_key);
    return EXIT_OK;
}
