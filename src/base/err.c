#include "base/base.h"

#include <pthread.h>

static struct err_info infos[] = {
#define ERR(name, status, zh, en) [ERR_##name] = { #name, status, zh, en },
#include "base/err.def"
#undef ERR
};

/* A client reads `too_long`; the list says TOO_LONG once and the small letters are made here. */
static char codes[ERR_COUNT][24];

static void codes_make(void)
{
    for (size_t e = 0; e < ERR_COUNT; e++) {
        size_t len = strlen(infos[e].name);
        assert(len < sizeof codes[e]);
        for (size_t i = 0; i < len; i++)
            codes[e][i] =
                (char)(infos[e].name[i] >= 'A' && infos[e].name[i] <= 'Z' ? infos[e].name[i] + 32
                                                                          : infos[e].name[i]);
        infos[e].name = codes[e];
    }
}

const struct err_info *err_info(enum err e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, codes_make);
    assert((unsigned)e < ERR_COUNT);
    return &infos[e];
}
