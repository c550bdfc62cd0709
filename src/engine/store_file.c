#include "engine/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/xxh64.h"

#define MAGIC           UINT64_C(0x316e6d6c6f437448) /* "HtColmn1" */
#define BYTE_ORDER_MARK UINT32_C(0x01020304)

struct head {
    uint64_t magic;
    uint32_t order, version, kind, check_block;
    uint64_t len; /* of the content, which begins at STORE_ALIGN */
};
static_assert(sizeof(struct head) <= STORE_ALIGN, "the content begins there");

/* Head and content, with zeros up to where the checksums begin. */
static size_t checked_size(size_t len)
{
    return STORE_ALIGN + store_round(len);
}

static size_t checks_of(size_t len)
{
    return (checked_size(len) + CHECK_BLOCK - 1) / CHECK_BLOCK;
}

/* --- writing */

static void write_all(struct store_writer *w, const void *from, size_t len)
{
    while (len && !w->bad) {
        ssize_t n = write(w->fd, from, len);
        if (n < 0 && errno == EINTR)
            continue;
        w->bad = n <= 0;
        from = (const char *)from + MAX(n, 0);
        len -= (size_t)MAX(n, 0);
    }
}

static void flush_block(struct store_writer *w)
{
    w->checks[w->check_count++] = xxh64(w->block, w->filled);
    write_all(w, w->block, w->filled);
    w->filled = 0;
}

static void append(struct store_writer *w, const void *from, size_t len)
{
    while (len) {
        size_t n = MIN(len, CHECK_BLOCK - w->filled);
        memcpy(w->block + w->filled, from, n);
        w->filled += n;
        from = (const char *)from + n;
        len -= n;
        if (w->filled == CHECK_BLOCK)
            flush_block(w);
    }
}

void store_begin(struct store_writer *w, const char *path, enum store_kind kind, size_t len)
{
    struct head h = { .magic = MAGIC,
                      .order = BYTE_ORDER_MARK,
                      .version = STORE_VERSION,
                      .kind = (uint32_t)kind,
                      .check_block = CHECK_BLOCK,
                      .len = len };
    char first[STORE_ALIGN] = { 0 };
    *w = (struct store_writer) { .left = len };
    w->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    w->bad = w->fd < 0;
    w->block = xmalloc(CHECK_BLOCK);
    w->checks = xcalloc(checks_of(len), sizeof *w->checks);
    memcpy(first, &h, sizeof h);
    append(w, first, sizeof first);
}

void store_put(struct store_writer *w, const void *from, size_t len)
{
    assert(len <= w->left);
    w->left -= len;
    append(w, from, len);
}

void store_pad(struct store_writer *w, size_t size)
{
    static const char zeros[STORE_ALIGN];
    for (size_t n; size; size -= n) {
        n = MIN(size, sizeof zeros);
        store_put(w, zeros, n);
    }
}

enum err store_end(struct store_writer *w, const char *path, uint64_t *ret_root)
{
    static const char zeros[STORE_ALIGN];
    assert(!w->left);
    size_t past = (w->check_count * CHECK_BLOCK + w->filled) % STORE_ALIGN;
    if (past)
        append(w, zeros, STORE_ALIGN - past);
    if (w->filled)
        flush_block(w);
    write_all(w, w->checks, w->check_count * sizeof *w->checks);
    w->bad = w->bad || fsync(w->fd) != 0;
    if (w->fd >= 0)
        w->bad = close(w->fd) != 0 || w->bad;
    if (w->bad)
        unlink(path);
    else
        *ret_root = xxh64(w->checks, w->check_count * sizeof *w->checks);
    free(w->block);
    free(w->checks);
    return w->bad ? ERR_FILE : OK;
}

/* --- reading */

static const char *wrong(const struct store_map *m, enum store_kind kind)
{
    struct head h;
    memcpy(&h, m->at, sizeof h);
    if (h.magic != MAGIC)
        return "a file is not of the column store";
    if (h.order != BYTE_ORDER_MARK || h.version != STORE_VERSION || h.check_block != CHECK_BLOCK)
        return "a file is of another version";
    if (h.kind != (uint32_t)kind)
        return "a file is in the place of another";
    if (h.len > m->size || checked_size(h.len) + checks_of(h.len) * sizeof(uint64_t) != m->size)
        return "a file has not the size it should have";
    return NULL;
}

enum err store_map(const char *path, enum store_kind kind, struct store_map *ret,
                   const char **ret_reason)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    struct store_map m = { 0 };
    if (fd < 0) {
        *ret_reason = errno == ENOENT ? "a file is missing" : "a file cannot be opened";
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_FILE;
    }
    bool fits = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size >= STORE_ALIGN;
    void *at = fits ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    if (at == MAP_FAILED) {
        *ret_reason = fits ? "a file cannot be mapped" : "a file has not the size it should have";
        return ERR_FILE;
    }
    m.at = at;
    m.size = (size_t)st.st_size;
    *ret_reason = wrong(&m, kind);
    if (*ret_reason) {
        store_unmap(&m);
        return ERR_FILE;
    }
    m.content = m.at + STORE_ALIGN;
    m.len = ((const struct head *)at)->len;
    m.check_count = checks_of(m.len);
    m.checks = (const uint64_t *)(const void *)(m.at + checked_size(m.len));
    m.root = xxh64(m.checks, m.check_count * sizeof *m.checks);
    *ret = m;
    return OK;
}

bool store_check(const struct store_map *m, size_t block)
{
    size_t from = block * CHECK_BLOCK, all = checked_size(m->len);
    return xxh64(m->at + from, MIN(CHECK_BLOCK, all - from)) == m->checks[block];
}

void store_unmap(struct store_map *m)
{
    if (m->at)
        munmap((void *)(uintptr_t)m->at, m->size);
    *m = (struct store_map) { 0 };
}
