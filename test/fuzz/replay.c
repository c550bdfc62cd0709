/* A fuzz target without a fuzzer: every file of the corpus as it is, then changed at random for a
 * while, the same way every time. For ./run test, which is built with gcc; ./run fuzz has the real
 * one.
 *     replay SECONDS FOLDER */
#include <dirent.h>

#include "base/base.h"
#include "base/rand.h"
#include "base/time.h"
#include "base/vec.h"

#define INPUT_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    uint8_t *bytes;
    size_t size;
};

static VEC(struct input) inputs;
static struct arena arena;

static void read_one(const char *folder, const char *name)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return;
    uint8_t *bytes = arena_alloc(&arena, INPUT_MAX);
    size_t size = fread(bytes, 1, INPUT_MAX, f);
    fclose(f);
    *vec_push(&arena, &inputs) = (struct input) { bytes, size };
}

/* A copy of its own size, so that the sanitizer sees one byte too far. */
static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = xmalloc(MAX(size, 1));
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t change(struct rnd *r, uint8_t *bytes, size_t size, size_t room)
{
    static const uint8_t edges[] = { 0, 0x7f, 0x80, 0xff, '"', '\\', '{', '[', ',', '\n', '0' };
    size_t at = size ? rnd_below(r, size) : 0, other = size ? rnd_below(r, size) : 0;
    size_t len = size ? rnd_below(r, MIN(size - MAX(at, other), 64) + 1) : 0;
    switch (rnd_below(r, 5)) {
    case 0:
        if (size)
            bytes[at] ^= (uint8_t)(1u << rnd_below(r, 8));
        return size;
    case 1:
        if (size)
            bytes[at] = edges[rnd_below(r, sizeof edges)];
        return size;
    case 2: memmove(bytes + other, bytes + at, len); return size;
    case 3: memmove(bytes + at, bytes + at + len, size - at - len); return size - len;
    default:
        if (size + len > room)
            return size;
        memmove(bytes + at + len, bytes + at, size - at);
        return size + len;
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    i64 seconds = 0, runs = 0;
    DIR *dir = opendir(argv[2]);
    if (!str_to_i64(str_of(argv[1]), &seconds) || !dir)
        return 2;
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.')
            read_one(argv[2], e->d_name);
    closedir(dir);
    for (size_t i = 0; i < inputs.n; i++)
        run(inputs.at[i].bytes, inputs.at[i].size);
    struct rnd r;
    rnd_seed(&r, 1);
    uint8_t *bytes = xmalloc(INPUT_MAX);
    for (i64 until = clock_monotonic_us() + seconds * 1000000;
         inputs.n && clock_monotonic_us() < until; runs++) {
        const struct input *from = &inputs.at[rnd_below(&r, inputs.n)];
        size_t size = from->size;
        memcpy(bytes, from->bytes, size);
        for (uint64_t n = 1 + rnd_below(&r, 8); n; n--)
            size = change(&r, bytes, size, INPUT_MAX);
        run(bytes, size);
    }
    printf("%zu files, %lld changed ones\n", inputs.n, (long long)runs);
    free(bytes);
    arena_done(&arena);
    return inputs.n ? 0 : 1;
}
