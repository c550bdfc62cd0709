#include "base/base.h"

#include <malloc.h>
#include <stdarg.h>

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used; /* of data */
    _Alignas(16) char data[];
};

#ifdef __SANITIZE_ADDRESS__
#define CHUNK_MIN ((size_t)1) /* one block an allocation: the sanitizer sees every overrun */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHUNK_MIN ((size_t)1)
#endif
#endif
#ifndef CHUNK_MIN
#define CHUNK_MIN ((size_t)8192 - sizeof(struct arena_chunk))
#endif
#define CHUNK_KEEP ((size_t)1 << 20) /* a reset does not hold on to more than this */

static size_t round_up(size_t size)
{
    return CHUNK_MIN == 1 ? MAX(size, 1) : (size + 15) & ~(size_t)15;
}

void arena_done(struct arena *a)
{
    while (a->chunk) {
        struct arena_chunk *next = a->chunk->next;
        free(a->chunk);
        a->chunk = next;
    }
    a->used = 0;
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *keep = a->chunk;
    if (!keep || keep->size > CHUNK_KEEP || CHUNK_MIN == 1) {
        arena_done(a);
        return;
    }
    a->chunk = keep->next;
    arena_done(a);
    keep->next = NULL;
    keep->used = 0;
    a->chunk = keep;
}

void *arena_alloc(struct arena *a, size_t size)
{
    assert(size < SIZE_MAX / 4);
    size = round_up(size);
    struct arena_chunk *c = a->chunk;
    if (!c || c->size - c->used < size) {
        size_t want = MAX(size, CHUNK_MIN == 1 ? 1 : MIN(MAX(CHUNK_MIN, a->used), CHUNK_KEEP));
        c = xmalloc(sizeof *c + want);
        *c = (struct arena_chunk) { .next = a->chunk, .size = want };
        a->chunk = c;
    }
    void *ptr = c->data + c->used;
    c->used += size;
    a->used += size;
    return ptr;
}

void *arena_zero(struct arena *a, size_t count, size_t size)
{
    size_t total;
    bool overflow = __builtin_mul_overflow(count, size, &total);
    assert(!overflow);
    return memset(arena_alloc(a, total), 0, total);
}

void *arena_copy(struct arena *a, const void *from, size_t size)
{
    void *to = arena_alloc(a, size);
    return size ? memcpy(to, from, size) : to;
}

void *arena_grow(struct arena *a, void *ptr, size_t old, size_t size)
{
    struct arena_chunk *c = a->chunk;
    size_t was = round_up(old), now = round_up(size);
    if (ptr && c && (char *)ptr + was == c->data + c->used && now >= was &&
        c->size - c->used >= now - was) {
        c->used += now - was;
        a->used += now - was;
        return ptr;
    }
    void *to = arena_alloc(a, size);
    if (old)
        memcpy(to, ptr, old);
    return to;
}

str arena_str(struct arena *a, str s)
{
    if (!s.ptr)
        return STR_NONE;
    char *to = arena_alloc(a, s.len + 1);
    if (s.len)
        memcpy(to, s.ptr, s.len);
    to[s.len] = '\0';
    return (str) { to, s.len };
}

const char *arena_z(struct arena *a, str s)
{
    return arena_str(a, s.ptr ? s : S("")).ptr;
}

str arena_fmt(struct arena *a, const char *format, ...)
{
    char text[128];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert(len >= 0);
    char *to = arena_alloc(a, (size_t)len + 1);
    if ((size_t)len < sizeof text)
        memcpy(to, text, (size_t)len + 1);
    else
        vsnprintf(to, (size_t)len + 1, format, again);
    va_end(again);
    return (str) { to, (size_t)len };
}

static _Thread_local size_t taken;

size_t heap_taken(void)
{
    return taken;
}

static void *or_die(void *ptr)
{
    if (!ptr) {
        fputs("hetang: out of memory\n", stderr);
        abort();
    }
    taken += malloc_usable_size(ptr);
    return ptr;
}

void *xmalloc(size_t size)
{
    return or_die(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return or_die(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *ptr, size_t size)
{
    taken -= malloc_usable_size(ptr);
    return or_die(realloc(ptr, size ? size : 1));
}

char *xstrdup(str s)
{
    char *to = xmalloc(s.len + 1);
    if (s.len)
        memcpy(to, s.ptr, s.len);
    to[s.len] = '\0';
    return to;
}
