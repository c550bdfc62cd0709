#include "net/tls.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#include <h2o.h>
#include <h2o/http2.h>
#include <openssl/err.h>

#include "base/log.h"

#define LOOK_S 5

struct stamp {
    struct timespec changed;
    ino_t inode;
    off_t size;
};

struct tls {
    const char *paths[2]; /* certificate, key */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    _Atomic(SSL_CTX *) newest; /* written under the lock */
    struct stamp tried[2];
    bool look, stop;
    pthread_t thread;
};

static SSL_CTX *load(const struct tls *t, const char **ret_reason)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_NO_RENEGOTIATION);
    if (SSL_CTX_use_certificate_chain_file(ctx, t->paths[0]) == 1 &&
        SSL_CTX_use_PrivateKey_file(ctx, t->paths[1], SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(ctx) == 1) {
        h2o_ssl_register_alpn_protocols(ctx, h2o_http2_alpn_protocols);
        return ctx;
    }
    static _Thread_local char why[1000];
    const char *said = ERR_reason_error_string(ERR_peek_last_error());
    snprintf(why, sizeof why, "TLS: %.400s with %.400s: %.100s", t->paths[0], t->paths[1],
             said ? said : "they cannot be read");
    ERR_clear_error();
    *ret_reason = why;
    SSL_CTX_free(ctx);
    return NULL;
}

static bool changed(struct tls *t)
{
    bool any = false;
    for (int i = 0; i < 2; i++) {
        struct stat st = { 0 };
        struct stamp *was = &t->tried[i];
        if (stat(t->paths[i], &st) != 0)
            st = (struct stat) { 0 };
        any = any || st.st_mtim.tv_sec != was->changed.tv_sec ||
              st.st_mtim.tv_nsec != was->changed.tv_nsec || st.st_ino != was->inode ||
              st.st_size != was->size;
        *was = (struct stamp) { st.st_mtim, st.st_ino, st.st_size };
    }
    return any;
}

static void take(struct tls *t)
{
    const char *why = "";
    SSL_CTX *fresh = load(t, &why), *old = t->newest;
    if (!fresh) {
        log_error("tls.refused", P("reason", why));
        return;
    }
    t->newest = fresh;
    SSL_CTX_free(old);
    log_info("tls.reloaded", P("certificate", t->paths[0]));
}

static void *watch(void *arg)
{
    struct tls *t = arg;
    pthread_mutex_lock(&t->lock);
    while (!t->stop) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += LOOK_S;
        while (!t->stop && !t->look && pthread_cond_timedwait(&t->wake, &t->lock, &until) == 0)
            ;
        bool asked = t->look;
        t->look = false;
        if (!t->stop && (changed(t) || asked))
            take(t);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

enum err tls_open(const char *certificate, const char *key, struct tls **ret,
                  const char **ret_reason)
{
    struct tls *t = xcalloc(1, sizeof *t);
    t->paths[0] = certificate;
    t->paths[1] = key;
    (void)changed(t); /* before reading: a change meanwhile is seen later */
    t->newest = load(t, ret_reason);
    if (!t->newest) {
        free(t);
        return ERR_CONFIG;
    }
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&t->thread, NULL, watch, t) != 0) {
        *ret_reason = "TLS: no thread to watch the certificate";
        SSL_CTX_free(t->newest);
        free(t);
        return ERR_INTERNAL;
    }
    *ret = t;
    return OK;
}

void tls_close(struct tls *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    SSL_CTX_free(t->newest);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

void tls_reload(struct tls *t)
{
    pthread_mutex_lock(&t->lock);
    t->look = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
}

void tls_follow(struct tls *t, SSL_CTX **mine)
{
    if (t->newest == *mine)
        return;
    pthread_mutex_lock(&t->lock); /* the newest is not freed between load and reference */
    SSL_CTX *old = *mine;
    *mine = t->newest;
    SSL_CTX_up_ref(*mine);
    pthread_mutex_unlock(&t->lock);
    SSL_CTX_free(old);
}
