/* Saving and loading: which files, in which order. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/store_internal.h"

#define PATH_LEN 512
#define INDEX    "index"
#define BESIDE   "index.new"

/* --- the folder */

static bool path_of(char path[PATH_LEN], const char *folder, const char *name)
{
    int len = snprintf(path, PATH_LEN, "%s/%s", folder, name);
    return len > 0 && len < PATH_LEN;
}

static bool base_path(char path[PATH_LEN], const char *folder, uint64_t number)
{
    int len = snprintf(path, PATH_LEN, "%s/%llu.base", folder, (unsigned long long)number);
    return len > 0 && len < PATH_LEN;
}

/* 0: it is not the name of a base. */
static uint64_t base_number(const char *name)
{
    i64 number;
    str s = str_of(name);
    if (!str_ends(s, S(".base")) || !str_to_i64(str_head(s, s.len - 5), &number))
        return 0;
    return (uint64_t)MAX(number, 0);
}

/* Removes the bases that the index just written does not name. */
static void sweep(struct engine *e, const char *folder)
{
    char path[PATH_LEN];
    struct map used = { 0 };
    struct visit visit = engine_enter(e);
    for (size_t i = 0; i < e->table_count; i++)
        if (e->tables[i]->base_count)
            *map_put(&used, (i64)e->tables[i]->file) = 1;
    gate_asked(&e->gate, &visit);
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        uint64_t number = base_number(entry->d_name);
        if (number && !map_get(&used, (i64)number) && path_of(path, folder, entry->d_name))
            unlink(path);
    }
    if (dir)
        closedir(dir);
    map_done(&used);
}

/* A number no file has or had that a table still names, so that what the index names is never
 * written over and no table takes another's file for its own. */
static uint64_t fresh_number(struct engine *e, const char *folder)
{
    uint64_t highest = 0;
    struct visit visit = engine_enter(e);
    for (size_t i = 0; i < e->table_count; i++)
        highest = MAX(highest, e->tables[i]->file);
    gate_asked(&e->gate, &visit);
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        highest = MAX(highest, base_number(entry->d_name));
    if (dir)
        closedir(dir);
    return highest + 1;
}

static bool folder_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return synced;
}

/* --- saving */

/* A table whose base has to be written, as it stands: its columns are copied, since telling may add
 * some meanwhile; the bases themselves change by folding alone. */
struct unsaved {
    struct table *table, copy;
};

static bool stands(const char *folder, const struct table *t)
{
    char path[PATH_LEN];
    struct stat st;
    return t->file && base_path(path, folder, t->file) && stat(path, &st) == 0;
}

static struct unsaved *unsaved_of(struct engine *e, const char *folder, size_t *ret_count)
{
    bool elsewhere = !e->folder || strcmp(e->folder, folder) != 0;
    struct visit visit = engine_enter(e);
    struct unsaved *all = xcalloc(e->table_count, sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < e->table_count; i++) {
        struct table *t = e->tables[i];
        if (!t->base_count || (!elsewhere && stands(folder, t)))
            continue;
        struct unsaved *u = &all[count++];
        *u = (struct unsaved) { t, *t };
        u->copy.columns = xmalloc(MAX(t->column_count, 1) * sizeof *t->columns);
        if (t->column_count)
            memcpy(u->copy.columns, t->columns, t->column_count * sizeof *t->columns);
    }
    gate_asked(&e->gate, &visit);
    *ret_count = count;
    return all;
}

static enum err bases_save(struct engine *e, const char *folder)
{
    enum err err = OK;
    char path[PATH_LEN];
    size_t count;
    struct unsaved *all = unsaved_of(e, folder, &count);
    uint64_t number = fresh_number(e, folder);
    for (size_t i = 0; i < count; i++) {
        uint64_t root = 0;
        if (err == OK)
            err =
                base_path(path, folder, number) ? base_write(&all[i].copy, path, &root) : ERR_FILE;
        if (err == OK) {
            all[i].table->root = root;
            all[i].table->file = number++;
        }
        free(all[i].copy.columns);
    }
    free(all);
    return err;
}

static enum err index_save(struct engine *e, const char *folder, uint64_t origin)
{
    struct bytes b = { 0 };
    struct store_writer w;
    uint64_t root;
    char path[PATH_LEN], beside[PATH_LEN];
    if (!path_of(path, folder, INDEX) || !path_of(beside, folder, BESIDE))
        return ERR_FILE;
    struct visit visit = engine_enter(e);
    index_write(e, origin, &b);
    gate_asked(&e->gate, &visit);
    store_begin(&w, beside, STORE_INDEX, b.n);
    store_put(&w, b.at, b.n);
    free(b.at);
    TRY(store_end(&w, beside, &root));
    /* the names of the bases are on the disk before the index that names them */
    if (!folder_sync(folder) || rename(beside, path) != 0 || !folder_sync(folder))
        return ERR_FILE;
    return OK;
}

enum err engine_save(struct engine *e, const char *folder, uint64_t origin, const char **ret_reason)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        *ret_reason = "the folder cannot be made";
        return ERR_FILE;
    }
    pthread_mutex_lock(&e->keeping);
    enum err err = bases_save(e, folder);
    if (!e->folder || strcmp(e->folder, folder) != 0) {
        free(e->folder);
        e->folder = xstrdup(str_of(folder));
    }
    if (err == OK)
        err = index_save(e, folder, origin);
    if (err == OK)
        sweep(e, folder);
    else
        *ret_reason = "a file cannot be written";
    pthread_mutex_unlock(&e->keeping);
    return err;
}

/* --- loading */

/* Blocks of several files are compared with their checksums by all threads. */
struct checking {
    const struct store_map *maps;
    const size_t *first; /* of each file, the number of its first block */
    size_t count;
    _Atomic bool damaged;
};

static void check_block(void *arg, int part, size_t at)
{
    struct checking *c = arg;
    size_t low = 0, high = c->count;
    (void)part;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (c->first[mid] <= at)
            low = mid;
        else
            high = mid;
    }
    if (!store_check(&c->maps[low], at - c->first[low]))
        c->damaged = true;
}

static bool whole(const struct store_map *maps, size_t count, int threads)
{
    struct checking c = { .maps = maps, .count = count };
    size_t *first = xcalloc(count, sizeof *first), blocks = 0;
    for (size_t i = 0; i < count; i++) {
        first[i] = blocks;
        blocks += maps[i].check_count;
    }
    c.first = first;
    work_share(threads, blocks, check_block, &c);
    free(first);
    return !c.damaged;
}

struct holding {
    const struct index_base *bases;
    size_t text_end;
    _Atomic bool wrong;
};

static void check_base(void *arg, int part, size_t at)
{
    struct holding *h = arg;
    (void)part;
    if (!base_holds(h->bases[at].table, h->text_end))
        h->wrong = true;
}

static const char *bases_map(const char *folder, const struct index_base *bases, size_t count,
                             struct store_map *maps)
{
    for (size_t i = 0; i < count; i++) {
        char path[PATH_LEN];
        const char *reason = "a name is too long";
        if (!base_path(path, folder, bases[i].file) ||
            store_map(path, STORE_BASE, &maps[i], &reason) != OK)
            return reason;
        if (maps[i].root != bases[i].root)
            return "a base is not the one that was saved";
    }
    return NULL;
}

static const char *bases_load(struct engine *e, const char *folder, const struct index_base *bases,
                              size_t count)
{
    struct store_map *maps = xcalloc(count, sizeof *maps);
    struct holding h = { .bases = bases, .text_end = e->dict.count + 1 };
    const char *reason = bases_map(folder, bases, count, maps);
    if (!reason && !whole(maps, count, e->threads))
        reason = "a base is damaged";
    for (size_t i = 0; i < count && !reason; i++) {
        if (!base_read(bases[i].table, &maps[i]))
            reason = "a base is not as it has to be";
        bases[i].table->file = bases[i].file;
        bases[i].table->root = bases[i].root;
    }
    if (!reason)
        work_share(e->threads, count, check_base, &h);
    if (h.wrong)
        reason = "a base is not as it has to be";
    for (size_t i = 0; i < count; i++)
        store_unmap(&maps[i]);
    free(maps);
    return reason;
}

static const char *load(struct engine *e, const char *folder, uint64_t origin,
                        const struct store_map *index)
{
    struct taken from = { index->content, index->content + index->len, false };
    struct index_base *bases = NULL;
    size_t count = 0;
    uint64_t of;
    if (!whole(index, 1, e->threads))
        return "the index is damaged";
    if (!index_head(&from, &of, &e->covered) || of != origin)
        return "it is of another log";
    const char *reason = "the index is not as it has to be";
    if (index_read(&from, e, &bases, &count))
        reason = bases_load(e, folder, bases, count);
    free(bases);
    for (size_t i = 0; i < e->table_count && !reason; i++)
        table_settle(e->tables[i]);
    return reason;
}

enum err engine_load(const char *folder, uint64_t origin, int threads, struct engine **ret,
                     const char **ret_reason)
{
    char path[PATH_LEN];
    struct store_map index;
    *ret_reason = "a name is too long";
    if (!path_of(path, folder, INDEX))
        return ERR_FILE;
    TRY(store_map(path, STORE_INDEX, &index, ret_reason));
    struct engine *e = engine_new(threads);
    const char *reason = load(e, folder, origin, &index);
    store_unmap(&index);
    if (reason) {
        *ret_reason = reason;
        engine_free(e);
        return ERR_FILE;
    }
    e->folder = xstrdup(str_of(folder));
    *ret = e;
    return OK;
}
