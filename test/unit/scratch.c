#include "scratch.h"

#include <dirent.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"

uint64_t random_seed(void)
{
    const char *asked = getenv("SEED");
    uint64_t seed = asked ? strtoull(asked, NULL, 10) : (uint64_t)clock_now().ms;
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

void remove_folder(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char child[512];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(child, sizeof child, "%.200s/%.200s", path, e->d_name);
        if (e->d_type == DT_DIR)
            remove_folder(child);
        else
            unlink(child);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}
