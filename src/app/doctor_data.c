/* The doctor's look at certificates, keys and the database: see doctor.h. */
#include "app/doctor.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "app/instance.h"
#include "base/time.h"
#include "core/reseal.h"

#include "ops.sql.h"

#define SOON_DAYS 14

/* Days until the certificate ends; false if it cannot be read. */
static bool days_left(const char *path, int *ret)
{
    int days = 0, seconds = 0;
    BIO *file = BIO_new_file(path, "r");
    X509 *x = file ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
    bool ok = x && ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x)) == 1;
    X509_free(x);
    BIO_free(file);
    *ret = seconds < 0 && days == 0 ? -1 : days;
    return ok;
}

static bool pair_fits(const char *cert, const char *key)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    bool ok = ctx && SSL_CTX_use_certificate_chain_file(ctx, cert) == 1 &&
              SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 &&
              SSL_CTX_check_private_key(ctx) == 1;
    SSL_CTX_free(ctx);
    return ok;
}

void check_tls(struct checkup *c)
{
    const char *cert = c->config->tls_cert, *key = c->config->tls_key;
    int days;
    if (!cert[0] && !key[0]) {
        bool local = str_starts(str_of(c->config->listen), S("127.")) ||
                     str_starts(str_of(c->config->listen), S("localhost:")) ||
                     str_starts(str_of(c->config->listen), S("[::1]:"));
        if (local)
            found(c, FINE, NULL, "off; served to this machine alone");
        else
            found(c, WARN,
                  "set tls_cert and tls_key, or put a reverse proxy with TLS in front and listen "
                  "on 127.0.0.1",
                  "off, and %s may be reached by others: passwords go over the wire as they are",
                  c->config->listen);
    } else if (!days_left(cert, &days) || !pair_fits(cert, key)) {
        found(c, BAD, "name the certificate chain and its own key, readable by this user (PEM)",
              "%s and %s cannot be used together", cert, key);
    } else if (days < 0) {
        found(c, BAD, "renew the certificate; the running server takes the new file by itself",
              "the certificate has ended %d days ago", -days);
    } else if (days < SOON_DAYS) {
        found(c, WARN, "renew the certificate; the running server takes the new file by itself",
              "the certificate ends in %d days", days);
    } else {
        found(c, FINE, NULL, "the certificate holds for %d days", days);
    }
}

void check_key(struct checkup *c)
{
    struct secrets *s = NULL;
    const char *why, *path = instance_path(c->config, c->arena, KEY_FILE).ptr;
    if (access(path, F_OK) != 0) {
        found(c, BAD,
              cure(c, "put your copy back as %s (mode 0600); a new instance: hetang init", path),
              "%s is missing", path);
        return;
    }
    if (secrets_open(path, false, &s, &why) != OK)
        found(c, BAD, cure(c, "chmod 600 %s, or put your copy back", path), "%s", why);
    else
        found(c, FINE, NULL, "key %u seals; keep a copy of %s apart from the backups",
              secrets_active(s), path);
    secrets_close(s);
}

static void check_migrations(struct checkup *c, struct db *db)
{
    const char *why = "";
    int pending = 0;
    if (db_pending(db, &pending, NULL, NULL, &why) != OK)
        found(c, BAD, "use the Hetang that wrote it, or restore a backup", "%s", why);
    else if (pending)
        found(c, WARN, "hetang migrate, or start the server", "%d migrations are missing", pending);
}

void check_database(struct checkup *c)
{
    struct db *db = NULL;
    const char *why = "";
    if (instance_db(c->config, &db, &why) != OK) {
        found(c, BAD,
              instance_on_pg(c->config)
                  ? "is the server running, the address in db right, and may this user connect?"
                  : cure(c, "hetang init --data %s, or restore a backup", c->config->data),
              "%s", why);
        return;
    }
    if (db_integrity(db, &why) != OK) {
        found(c, BAD,
              "stop the server, keep the folder as it is, restore the newest backup into another",
              "the database is damaged: %s", why);
    } else {
        struct strbuf size;
        strbuf_init(&size, c->arena, 64);
        out_bytes(&size, db_size_bytes(db));
        found(c, FINE, NULL, "%s, %.*s, every page and index checked",
              instance_on_pg(c->config) ? "PostgreSQL" : "SQLite", STR_ARG(strbuf_str(&size)));
        check_migrations(c, db);
    }
    db_close(db);
}

struct contents {
    struct checkup *c;
    struct keys_used keys;
    i64 newest_event, newest_audit;
    str elsewhere; /* the key file lacks what another node seals with */
};

static enum err look(struct ctx *cx, void *arg)
{
    struct contents *k = arg;
    struct rows r CLEANUP(rows_close) = { 0 };
    enum err e = reseal_key_check(cx);
    if (e != OK && e != ERR_UNAVAILABLE)
        return e;
    if (e != OK) {
        k->elsewhere = fail_text(cx, e);
        fail_clear(cx);
    }
    TRY(reseal_keys_used(cx, &k->keys));
    TRY(sql_i64(cx, ops_newest_event, &k->newest_event));
    TRY(sql_i64(cx, ops_newest_audit, &k->newest_audit));
    TRY(sql_query(cx, ops_dead_jobs, &r));
    while (rows_next(&r))
        found(k->c, WARN, "retry or dismiss them in the console (Background work)",
              "%lld jobs of the kind %.*s have failed for good; the last said: %.*s",
              (long long)col_i64(&r, 1), STR_ARG(col_str(&r, 0)), STR_ARG(col_str(&r, 2)));
    return rows_end(&r);
}

static void judge(struct checkup *c, const struct contents *k)
{
    i64 newest = MAX(k->newest_event, k->newest_audit), ahead = newest - clock_now().ms;
    i64 sealed = 0;
    for (size_t i = 0; i < k->keys.count; i++)
        sealed += k->keys.values[i];
    if (k->elsewhere.len)
        found(c, BAD, cure(c, "copy it there: scp NODE:hetang.key %s/", c->config->data), "%.*s",
              STR_ARG(k->elsewhere));
    if (k->keys.lost && !k->elsewhere.len)
        found(c, BAD, "put back the key file that was in use when they were written",
              "%lld values are sealed with a key that the key file does not have",
              (long long)k->keys.lost);
    if (ahead > 5 * MINUTE_MS)
        found(c, BAD, "set the clock right (timedatectl), before more is written",
              "what was written last is %lld minutes ahead of the clock: it went back",
              (long long)(ahead / MINUTE_MS));
    if (!k->keys.lost && !k->elsewhere.len && ahead <= 5 * MINUTE_MS)
        found(c, FINE, NULL, "%lld sealed values, their keys are all there", (long long)sealed);
}

void check_contents(struct checkup *c)
{
    struct app app = { .config = *c->config, .modules = modules, .module_count = modules_count };
    struct contents k = { .c = c };
    const char *why = "";
    for (size_t i = 0; i < c->findings.n; i++)
        if (c->findings.at[i].health == BAD && (strcmp(c->findings.at[i].check, "database") == 0 ||
                                                strcmp(c->findings.at[i].check, "key") == 0))
            return;
    if (app_open(&app, APP_LOOK, &why) != OK) {
        found(c, WARN, "hetang migrate, then ask again", "cannot be looked at yet: %s", why);
        return;
    }
    struct ctx cx = system_ctx(&app, c->arena, S("doctor"));
    cx.lang = LANG_EN;
    enum err e = in_read(&cx, look, &k);
    if (e == OK)
        judge(c, &k);
    else
        found(c, BAD, "look at the disk and the log of the system",
              "the tables cannot be read: %.*s", STR_ARG(fail_text(&cx, e)));
    app_close(&app);
}
