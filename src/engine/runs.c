#include "engine/runs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/map.h"

#define TAIL_MAX  65536 /* pairs in memory: 2.5 MB with their map */
#define FAN       4     /* files of one size before they are merged */
#define FILES_MAX 64
#define MAGIC     UINT64_C(0x31736e7552746548) /* "HetRuns1" */
#define BLOOM_BITS \
    10 /* a key: one look in 100 at a file that does not have it goes on to search it */
#define BLOOM_PROBES 6

struct pair {
    uint64_t key;
    i64 seq;
};

struct head {
    uint64_t magic, count, blocks; /* blocks of 64 bytes of the filter, before the pairs */
    i64 from, upto, stamp_ms;      /* covers (from, upto] */
    uint64_t check;                /* of this head and the file's size */
};

struct block {
    _Alignas(64) uint64_t words[8];
};

struct file {
    char path[512];
    size_t size;
    const struct head *head;
    const struct block *filter;
    const struct pair *pairs;
};

struct tail_pair {
    uint64_t key;
    i64 seq;
    int32_t before; /* the pair of the same key before this one; -1 none */
};

struct runs {
    char folder[400];
    char name[32];
    pthread_rwlock_t lock; /* finders read; adding and swapping files write */
    struct file files[FILES_MAX];
    size_t file_count;
    struct tail_pair *tail;
    int32_t tail_count;
    struct map latest; /* key → index of its newest pair + 1 */
    i64 covered, stamp_ms;
};

static uint64_t check_of(const struct head *h, size_t size)
{
    struct head copy = *h;
    copy.check = size;
    return str_hash((str) { (const char *)&copy, sizeof copy });
}

static uint64_t mix(uint64_t key)
{
    return u64_hash(key + UINT64_C(0x9e3779b97f4a7c15));
}

/* The block is chosen by the high bits of the hash, the bits in it by the low ones. */
static size_t block_of(uint64_t hash, uint64_t blocks)
{
    return (size_t)((unsigned __int128)hash * blocks >> 64);
}

static void filter_add(struct block *filter, uint64_t blocks, uint64_t key)
{
    uint64_t hash = mix(key);
    struct block *b = &filter[block_of(hash, blocks)];
    for (int i = 0; i < BLOOM_PROBES; i++, hash >>= 9)
        b->words[hash >> 6 & 7] |= UINT64_C(1) << (hash & 63);
}

static bool filter_has(const struct file *f, uint64_t key)
{
    uint64_t hash = mix(key);
    const struct block *b = &f->filter[block_of(hash, f->head->blocks)];
    for (int i = 0; i < BLOOM_PROBES; i++, hash >>= 9)
        if (!(b->words[hash >> 6 & 7] >> (hash & 63) & 1))
            return false;
    return true;
}

static bool file_map(struct file *f)
{
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    bool ok = fd >= 0 && fstat(fd, &st) == 0 && (size_t)st.st_size >= sizeof(struct head);
    void *at = ok ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0)
        close(fd);
    if (at == MAP_FAILED)
        return false;
    f->size = (size_t)st.st_size;
    f->head = at;
    const struct head *h = f->head;
    size_t want = 64 + h->blocks * sizeof(struct block) + h->count * sizeof(struct pair);
    if (h->magic != MAGIC || want != f->size || h->check != check_of(h, f->size) || !h->blocks) {
        munmap(at, f->size);
        return false;
    }
    madvise(at, f->size, MADV_RANDOM);
    f->filter = (const struct block *)((const char *)at + 64);
    f->pairs = (const struct pair *)(f->filter + h->blocks);
    return true;
}

static void file_unmap(struct file *f)
{
    munmap((void *)(uintptr_t)f->head, f->size);
}

static int by_from(const void *pa, const void *pb)
{
    const struct file *a = pa, *b = pb;
    return (a->head->from > b->head->from) - (a->head->from < b->head->from);
}

static void load_files(struct runs *r)
{
    DIR *dir = opendir(r->folder);
    size_t name_len = strlen(r->name);
    for (struct dirent *e; dir && (e = readdir(dir)) && r->file_count < FILES_MAX;) {
        str name = str_of(e->d_name);
        if (strncmp(e->d_name, r->name, name_len) != 0 || e->d_name[name_len] != '.')
            continue;
        struct file *f = &r->files[r->file_count];
        char path[sizeof f->path];
        int len = snprintf(path, sizeof path, "%s/%s", r->folder, e->d_name);
        bool fits = len > 0 && (size_t)len < sizeof path;
        memcpy(f->path, path, sizeof path);
        if (fits && str_ends(name, S(".run")) && file_map(f))
            r->file_count++;
        else if (fits)
            unlink(f->path); /* half-written, or damaged */
    }
    if (dir)
        closedir(dir);
    qsort(r->files, r->file_count, sizeof *r->files, by_from);
    size_t kept = 0;
    for (; kept < r->file_count;
         kept++) { /* the first may begin anywhere: what came before was dropped by age */
        const struct head *h = r->files[kept].head;
        if (kept && h->from != r->covered)
            break;
        r->covered = h->upto;
        r->stamp_ms = h->stamp_ms;
    }
    for (size_t i = kept; i < r->file_count; i++) {
        log_warn("runs.gap", P("file", (const char *)r->files[i].path));
        file_unmap(&r->files[i]);
        unlink(r->files[i].path);
    }
    r->file_count = kept;
}

enum err runs_open(const char *folder, const char *name, struct runs **ret, const char **ret_reason)
{
    struct runs *r = xcalloc(1, sizeof *r);
    snprintf(r->folder, sizeof r->folder, "%s", folder);
    snprintf(r->name, sizeof r->name, "%s", name);
    if (strlen(folder) >= sizeof r->folder || (mkdir(folder, 0700) != 0 && errno != EEXIST)) {
        *ret_reason = "the index folder cannot be made";
        free(r);
        return ERR_FILE;
    }
    pthread_rwlock_init(&r->lock, NULL);
    r->tail = xmalloc(TAIL_MAX * sizeof *r->tail);
    load_files(r);
    *ret = r;
    return OK;
}

void runs_close(struct runs *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->file_count; i++)
        file_unmap(&r->files[i]);
    map_done(&r->latest);
    free(r->tail);
    pthread_rwlock_destroy(&r->lock);
    free(r);
}

i64 runs_covered(const struct runs *r)
{
    struct runs *mutable = (struct runs *)(uintptr_t)r;
    pthread_rwlock_rdlock(&mutable->lock);
    i64 covered = r->covered;
    pthread_rwlock_unlock(&mutable->lock);
    return covered;
}

/* Keys of the map may not be NONE; the two values of a key that would be it share a slot, and are
 * told apart by the pair. */
static i64 map_key(uint64_t key)
{
    return (i64)key == NONE ? 0 : (i64)key;
}

static int by_key(const void *pa, const void *pb)
{
    const struct pair *a = pa, *b = pb;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

struct writer {
    int fd;
    struct head head;
    struct block *filter;
    struct pair buffer[4096];
    size_t buffered;
    char path[512], beside[520];
    bool bad;
};

static void write_all(struct writer *w, const void *from, size_t len)
{
    while (len && !w->bad) {
        ssize_t n = write(w->fd, from, len);
        w->bad = n <= 0;
        from = (const char *)from + MAX(n, 0);
        len -= (size_t)MAX(n, 0);
    }
}

static void writer_begin(struct writer *w, const struct runs *r, uint64_t count, i64 from, i64 upto,
                         i64 stamp_ms)
{
    *w = (struct writer) {
        .head = { .magic = MAGIC, .count = count, .from = from, .upto = upto, .stamp_ms = stamp_ms }
    };
    w->head.blocks = count * BLOOM_BITS / 512 + 1;
    w->filter = aligned_alloc(64, w->head.blocks * sizeof *w->filter);
    assert(w->filter);
    memset(w->filter, 0, w->head.blocks * sizeof *w->filter);
    snprintf(w->path, sizeof w->path, "%s/%s.%lld-%lld.run", r->folder, r->name, (long long)from,
             (long long)upto);
    snprintf(w->beside, sizeof w->beside, "%s.new", w->path);
    w->fd = open(w->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    w->bad =
        w->fd < 0 || lseek(w->fd, (off_t)(64 + w->head.blocks * sizeof *w->filter), SEEK_SET) < 0;
}

static void writer_put(struct writer *w, struct pair p)
{
    filter_add(w->filter, w->head.blocks, p.key);
    w->buffer[w->buffered++] = p;
    if (w->buffered == COUNT(w->buffer)) {
        write_all(w, w->buffer, sizeof w->buffer);
        w->buffered = 0;
    }
}

static enum err writer_end(struct writer *w, struct file *ret)
{
    static_assert(sizeof(struct head) <= 64, "the filter begins at 64");
    char first[64] = { 0 };
    write_all(w, w->buffer, w->buffered * sizeof *w->buffer);
    size_t filter = w->head.blocks * sizeof *w->filter;
    w->head.check = check_of(&w->head, 64 + filter + w->head.count * sizeof(struct pair));
    memcpy(first, &w->head, sizeof w->head);
    w->bad = w->bad || pwrite(w->fd, first, sizeof first, 0) != (ssize_t)sizeof first ||
             pwrite(w->fd, w->filter, filter, 64) != (ssize_t)filter || fdatasync(w->fd) != 0;
    if (w->fd >= 0)
        close(w->fd);
    free(w->filter);
    *ret = (struct file) { 0 };
    snprintf(ret->path, sizeof ret->path, "%s", w->path);
    if (!w->bad && rename(w->beside, w->path) == 0 && file_map(ret))
        return OK;
    unlink(w->beside);
    return ERR_FILE;
}

/* Joins the last `n` files into one. Outside of the lock: only this thread changes the list. */
static enum err merge_last(struct runs *r, size_t n)
{
    struct file *in = &r->files[r->file_count - n], merged;
    struct writer *w = xmalloc(sizeof *w);
    size_t at[FILES_MAX] = { 0 };
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += in[i].head->count;
        madvise((void *)(uintptr_t)in[i].head, in[i].size, MADV_SEQUENTIAL);
    }
    writer_begin(w, r, count, in[0].head->from, in[n - 1].head->upto, in[n - 1].head->stamp_ms);
    for (uint64_t k = 0; k < count; k++) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (at[i] < in[i].head->count &&
                (best == n || by_key(&in[i].pairs[at[i]], &in[best].pairs[at[best]]) < 0))
                best = i;
        writer_put(w, in[best].pairs[at[best]++]);
    }
    enum err e = writer_end(w, &merged);
    free(w);
    if (e != OK)
        return e;
    pthread_rwlock_wrlock(&r->lock);
    for (size_t i = 0; i < n; i++) {
        file_unmap(&in[i]);
        unlink(in[i].path);
    }
    r->file_count -= n;
    r->files[r->file_count++] = merged;
    pthread_rwlock_unlock(&r->lock);
    return OK;
}

static int level(const struct file *f)
{
    int l = 0;
    for (uint64_t n = 2 * TAIL_MAX; n < f->head->count; n *= FAN)
        l++;
    return l;
}

/* The newest files of one level become one file of the next. */
static enum err settle(struct runs *r)
{
    for (;;) {
        size_t same = 1;
        while (same < r->file_count &&
               level(&r->files[r->file_count - 1 - same]) == level(&r->files[r->file_count - 1]))
            same++;
        if (same < FAN)
            return OK;
        TRY(merge_last(r, same));
    }
}

static enum err write_tail(struct runs *r, i64 upto, i64 stamp_ms)
{
    struct pair *pairs = xmalloc((size_t)MAX(r->tail_count, 1) * sizeof *pairs);
    struct writer *w = xmalloc(sizeof *w);
    struct file written;
    for (int32_t i = 0; i < r->tail_count; i++)
        pairs[i] = (struct pair) { r->tail[i].key, r->tail[i].seq };
    qsort(pairs, (size_t)r->tail_count, sizeof *pairs, by_key);
    i64 from = r->file_count ? r->files[r->file_count - 1].head->upto : 0;
    writer_begin(w, r, (uint64_t)r->tail_count, from, upto, stamp_ms);
    for (int32_t i = 0; i < r->tail_count; i++)
        writer_put(w, pairs[i]);
    enum err e = writer_end(w, &written);
    free(w);
    free(pairs);
    if (e != OK)
        return e;
    pthread_rwlock_wrlock(&r->lock);
    assert(r->file_count < FILES_MAX);
    r->files[r->file_count++] = written;
    r->tail_count = 0;
    map_clear(&r->latest);
    pthread_rwlock_unlock(&r->lock);
    return settle(r);
}

void runs_add(struct runs *r, uint64_t key, i64 seq)
{
    pthread_rwlock_wrlock(&r->lock);
    if (r->tail_count % TAIL_MAX == 0 &&
        r->tail_count) /* the disk refused it: memory takes more until it does not */
        r->tail = xrealloc(r->tail, ((size_t)r->tail_count + TAIL_MAX) * sizeof *r->tail);
    i64 *latest = map_put(&r->latest, map_key(key));
    r->tail[r->tail_count] = (struct tail_pair) { key, seq, (int32_t)*latest - 1 };
    *latest = ++r->tail_count;
    pthread_rwlock_unlock(&r->lock);
}

enum err runs_cover(struct runs *r, i64 seq, i64 stamp_ms)
{
    pthread_rwlock_wrlock(&r->lock);
    r->covered = MAX(r->covered, seq);
    r->stamp_ms = MAX(r->stamp_ms, stamp_ms);
    pthread_rwlock_unlock(&r->lock);
    return r->tail_count >= TAIL_MAX ? write_tail(r, r->covered, r->stamp_ms) : OK;
}

void runs_drop_before(struct runs *r, i64 stamp_ms)
{
    pthread_rwlock_wrlock(&r->lock);
    size_t old = 0;
    while (old < r->file_count && r->files[old].head->stamp_ms < stamp_ms) {
        file_unmap(&r->files[old]);
        unlink(r->files[old++].path);
    }
    r->file_count -= old;
    memmove(r->files, r->files + old, r->file_count * sizeof *r->files);
    pthread_rwlock_unlock(&r->lock);
}

/* Index of the first pair that is not below (key, seq). */
static size_t lower(const struct file *f, uint64_t key, i64 seq)
{
    size_t low = 0, high = f->head->count;
    const struct pair want = { key, seq };
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (by_key(&f->pairs[mid], &want) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t runs_find(struct runs *r, uint64_t key, i64 below, i64 *ret, size_t max)
{
    size_t n = 0;
    pthread_rwlock_rdlock(&r->lock);
    const i64 *latest = map_get(&r->latest, map_key(key));
    for (int32_t i = latest ? (int32_t)*latest - 1 : -1; i >= 0 && n < max; i = r->tail[i].before)
        if (r->tail[i].key == key && r->tail[i].seq < below)
            ret[n++] = r->tail[i].seq;
    for (size_t i = r->file_count;
         i-- > 0 && n < max;) { /* files cover the log in order: the newest first */
        const struct file *f = &r->files[i];
        if (f->head->from >= below || !filter_has(f, key))
            continue;
        for (size_t at = lower(f, key, below); at-- > 0 && n < max && f->pairs[at].key == key;)
            ret[n++] = f->pairs[at].seq;
    }
    pthread_rwlock_unlock(&r->lock);
    return n;
}

bool runs_has(struct runs *r, uint64_t key)
{
    i64 seq;
    return runs_find(r, key, INT64_MAX, &seq, 1) > 0;
}

size_t runs_bytes(const struct runs *r)
{
    struct runs *mutable = (struct runs *)(uintptr_t)r;
    size_t bytes = 0;
    pthread_rwlock_rdlock(&mutable->lock);
    for (size_t i = 0; i < r->file_count; i++)
        bytes += r->files[i].size;
    pthread_rwlock_unlock(&mutable->lock);
    return bytes;
}
