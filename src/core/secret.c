#include "core/secret.h"

#include <argon2.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rand.h"

#define KEY_LEN   32
#define NONCE_LEN 12
#define TAG_LEN   16
#define HEAD_LEN  (SECRET_HEAD_LEN + NONCE_LEN)
#define VERSION   1

static_assert(HEAD_LEN + TAG_LEN == SECRET_LEN_MIN, "the header says so");

struct secrets {
    char *path;
    pthread_rwlock_t lock;
    struct {
        uint32_t id;
        uint8_t bytes[KEY_LEN];
    } keys[SECRET_KEYS_MAX];
    size_t count; /* the last one is active */
    uint8_t index[KEY_LEN];
};

static const char *reason(const char *format, const char *path, const char *more)
{
    static _Thread_local char text[1024];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof text, format, path, more);
#pragma GCC diagnostic pop
    return text;
}

/* Written beside, synced, and moved over the old one; then the folder is synced too, so that after
 * a power cut there is the old file or the new one, whole. */
static bool replace_file(const char *path, str text)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    const char *beside = arena_fmt(&a, "%s.new", path).ptr, *slash = strrchr(path, '/');
    str folder = slash ? (str) { path, (size_t)(slash - path) + 1 } : S(".");
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool ok = write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    close(fd);
    if (!ok || rename(beside, path) != 0)
        return false;
    fd = open(arena_z(&a, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    return true;
}

/* The file: "index HEX" and "key ID HEX" lines. */
static enum err save(const struct secrets *s, const char **ret_reason)
{
    struct strbuf text CLEANUP(strbuf_done);
    strbuf_init(&text, NULL, 16384);
    out(&text, S("# Hetang's keys. Without this file the private data in the database cannot be "
                 "read: keep a copy elsewhere.\nindex "));
    out_hex(&text, s->index, KEY_LEN);
    for (size_t i = 0; i < s->count; i++) {
        out_fmt(&text, "\nkey %u ", s->keys[i].id);
        out_hex(&text, s->keys[i].bytes, KEY_LEN);
    }
    out(&text, S("\n"));
    bool ok = !text.overflow && replace_file(s->path, strbuf_str(&text));
    int why = errno;
    OPENSSL_cleanse(text.ptr, text.len);
    if (!ok) {
        *ret_reason = reason("cannot write the key file %s: %s", s->path, strerror(why));
        return ERR_FILE;
    }
    return OK;
}

static bool read_line(struct secrets *s, str line)
{
    str word = str_cut(&line, ' ');
    if (str_is(word, "index"))
        return str_from_hex(str_trim(line), s->index, KEY_LEN);
    i64 id;
    if (!str_is(word, "key") || s->count == SECRET_KEYS_MAX ||
        !str_to_i64(str_cut(&line, ' '), &id) || id <= 0 || id > UINT32_MAX ||
        !str_from_hex(str_trim(line), s->keys[s->count].bytes, KEY_LEN))
        return false;
    s->keys[s->count++].id = (uint32_t)id;
    return true;
}

static enum err load(struct secrets *s, const char **ret_reason)
{
    char text[16384];
    struct stat st;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        *ret_reason = reason("cannot open the key file %s: %s", s->path, strerror(errno));
        return ERR_CONFIG;
    }
    bool private = fstat(fd, &st) == 0 && (st.st_mode & 077) == 0;
    ssize_t len = read(fd, text, sizeof text);
    close(fd);
    if (!private) {
        *ret_reason =
            reason("the key file %s can be read by others; cure: chmod 600 %s", s->path, s->path);
        return ERR_CONFIG;
    }
    str rest = { text, len > 0 ? (size_t)len : 0 };
    bool ok = rest.len > 0;
    while (ok && rest.len) {
        str line = str_trim(str_cut(&rest, '\n'));
        ok = line.len == 0 || line.ptr[0] == '#' || read_line(s, line);
    }
    OPENSSL_cleanse(text, sizeof text);
    if (!ok || !s->count) {
        *ret_reason = reason("the key file %s is damaged%s", s->path, "");
        return ERR_CONFIG;
    }
    return OK;
}

static void add_key(struct secrets *s)
{
    assert(s->count < SECRET_KEYS_MAX);
    s->keys[s->count].id = s->count ? s->keys[s->count - 1].id + 1 : 1;
    secret_bytes(s->keys[s->count].bytes, KEY_LEN);
    s->count++;
}

enum err secrets_open(const char *path, bool create, struct secrets **ret, const char **ret_reason)
{
    struct secrets *s = xcalloc(1, sizeof *s);
    s->path = xstrdup(str_of(path));
    pthread_rwlock_init(&s->lock, NULL);
    enum err e;
    if (access(path, F_OK) != 0 && create) {
        secret_bytes(s->index, KEY_LEN);
        add_key(s);
        e = save(s, ret_reason);
    } else {
        e = load(s, ret_reason);
    }
    if (e != OK) {
        secrets_close(s);
        return e;
    }
    *ret = s;
    return OK;
}

void secrets_close(struct secrets *s)
{
    if (!s)
        return;
    free(s->path);
    OPENSSL_cleanse(s, sizeof *s);
    free(s);
}

size_t secrets_ids(const struct secrets *s, uint32_t ret[SECRET_KEYS_MAX])
{
    pthread_rwlock_rdlock((pthread_rwlock_t *)&s->lock);
    size_t count = s->count;
    for (size_t i = 0; i < count; i++)
        ret[i] = s->keys[i].id;
    pthread_rwlock_unlock((pthread_rwlock_t *)&s->lock);
    return count;
}

enum err secrets_reload(struct secrets *s, const char **ret_reason)
{
    struct secrets fresh = { .path = s->path };
    enum err e = load(&fresh, ret_reason);
    if (e == OK && CRYPTO_memcmp(fresh.index, s->index, KEY_LEN) != 0) {
        *ret_reason = reason("the key file %s is of another instance%s", s->path, "");
        e = ERR_CONFIG;
    }
    if (e == OK) {
        pthread_rwlock_wrlock(&s->lock);
        memcpy(s->keys, fresh.keys, sizeof s->keys);
        s->count = fresh.count;
        pthread_rwlock_unlock(&s->lock);
    }
    OPENSSL_cleanse(&fresh, sizeof fresh);
    return e;
}

enum err secrets_prune(struct secrets *s, const uint32_t *used, size_t count, size_t *ret_removed,
                       const char **ret_reason)
{
    struct secrets kept = { .path = s->path };
    size_t removed = 0;
    pthread_rwlock_wrlock(&s->lock);
    memcpy(kept.index, s->index, KEY_LEN);
    for (size_t i = 0; i < s->count; i++) {
        bool keep = i + 1 == s->count;
        for (size_t k = 0; k < count && !keep; k++)
            keep = used[k] == s->keys[i].id;
        if (keep)
            kept.keys[kept.count++] = s->keys[i];
        else
            removed++;
    }
    enum err e = removed ? save(&kept, ret_reason) : OK;
    if (e == OK) {
        memcpy(s->keys, kept.keys, sizeof s->keys);
        s->count = kept.count;
    }
    pthread_rwlock_unlock(&s->lock);
    OPENSSL_cleanse(&kept, sizeof kept);
    if (e == OK && ret_removed)
        *ret_removed = removed;
    return e;
}

enum err secrets_rotate(struct secrets *s, const char **ret_reason)
{
    if (s->count == SECRET_KEYS_MAX) {
        *ret_reason = reason("the key file %s holds as many keys as it can%s", s->path, "");
        return ERR_CONFIG;
    }
    pthread_rwlock_wrlock(&s->lock);
    add_key(s);
    enum err e = save(s, ret_reason);
    if (e != OK)
        s->count--;
    pthread_rwlock_unlock(&s->lock);
    return e;
}

uint32_t secrets_active(const struct secrets *s)
{
    pthread_rwlock_rdlock((pthread_rwlock_t *)&s->lock);
    uint32_t id = s->keys[s->count - 1].id;
    pthread_rwlock_unlock((pthread_rwlock_t *)&s->lock);
    return id;
}

static str mark_of(struct arena *a, const struct secrets *s, size_t i)
{
    struct strbuf sb;
    uint8_t mac[SHA256_LEN];
    str key = { (const char *)s->keys[i].bytes, KEY_LEN };
    hmac_sha256((str) { (const char *)s->index, KEY_LEN }, key, mac);
    strbuf_init(&sb, a, 64);
    out_fmt(&sb, "%u:", s->keys[i].id);
    out_hex(&sb, mac, 8);
    return strbuf_str(&sb);
}

str secrets_mark(const struct secrets *s, struct arena *a)
{
    pthread_rwlock_rdlock((pthread_rwlock_t *)&s->lock);
    str mark = mark_of(a, s, s->count - 1);
    pthread_rwlock_unlock((pthread_rwlock_t *)&s->lock);
    return mark;
}

bool secrets_has(const struct secrets *s, str mark)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    bool found = false;
    pthread_rwlock_rdlock((pthread_rwlock_t *)&s->lock);
    for (size_t i = s->count; i-- > 0 && !found;)
        found = str_eq(mark_of(&a, s, i), mark);
    pthread_rwlock_unlock((pthread_rwlock_t *)&s->lock);
    return found;
}

static pthread_key_t cipher_key;

static void cipher_free(void *ctx)
{
    EVP_CIPHER_CTX_free(ctx);
}

/* Looked up once: EVP_aes_256_gcm() and EVP_sha256() are searched for under a lock at every use. */
static EVP_CIPHER *aes_256_gcm;
static EVP_MD *sha_256;

static void crypto_open(void)
{
    aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    sha_256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    assert(aes_256_gcm && sha_256);
    pthread_key_create(&cipher_key, cipher_free);
}

static void crypto_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, crypto_open);
}

/* One a thread: making one costs more than sealing a phone number. */
static EVP_CIPHER_CTX *cipher(void)
{
    crypto_ready();
    EVP_CIPHER_CTX *ctx = pthread_getspecific(cipher_key);
    if (!ctx) {
        ctx = EVP_CIPHER_CTX_new();
        assert(ctx);
        pthread_setspecific(cipher_key, ctx);
    }
    return ctx;
}

str secret_seal(const struct secrets *s, struct arena *a, str plain)
{
    uint8_t *to = arena_alloc(a, HEAD_LEN + plain.len + TAG_LEN);
    EVP_CIPHER_CTX *c = cipher();
    pthread_rwlock_rdlock((pthread_rwlock_t *)&s->lock);
    size_t active = s->count - 1;
    to[0] = VERSION;
    memcpy(to + 1, &s->keys[active].id, 4);
    secret_bytes(to + SECRET_HEAD_LEN, NONCE_LEN);
    int len = 0;
    bool ok =
        EVP_EncryptInit_ex(c, aes_256_gcm, NULL, s->keys[active].bytes, to + SECRET_HEAD_LEN) &&
        EVP_EncryptUpdate(c, to + HEAD_LEN, &len, (const uint8_t *)plain.ptr, (int)plain.len) &&
        EVP_EncryptFinal_ex(c, to + HEAD_LEN + len, &len) &&
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_LEN, to + HEAD_LEN + plain.len);
    pthread_rwlock_unlock((pthread_rwlock_t *)&s->lock);
    assert(ok);
    return (str) { (char *)to, HEAD_LEN + plain.len + TAG_LEN };
}

uint32_t secret_key_id(str sealed)
{
    uint32_t id = 0;
    if (sealed.len >= HEAD_LEN + TAG_LEN && sealed.ptr[0] == VERSION)
        memcpy(&id, sealed.ptr + 1, 4);
    return id;
}

static bool find_key(const struct secrets *s, uint32_t id, uint8_t ret[KEY_LEN])
{
    bool found = false;
    pthread_rwlock_rdlock((pthread_rwlock_t *)&s->lock);
    for (size_t i = 0; id && i < s->count; i++)
        if (s->keys[i].id == id) {
            memcpy(ret, s->keys[i].bytes, KEY_LEN);
            found = true;
        }
    pthread_rwlock_unlock((pthread_rwlock_t *)&s->lock);
    return found;
}

enum err secret_open(const struct secrets *s, struct arena *a, str sealed, str *ret)
{
    uint32_t id = secret_key_id(sealed);
    uint8_t key[KEY_LEN];
    const char *why;
    bool found = find_key(s, id, key);
    if (!found && id) /* another node or the command line may have rotated */
        found = secrets_reload((struct secrets *)s, &why) == OK && find_key(s, id, key);
    if (!found)
        return ERR_INTERNAL;
    size_t len = sealed.len - HEAD_LEN - TAG_LEN;
    const uint8_t *from = (const uint8_t *)sealed.ptr;
    uint8_t *to = arena_alloc(a, len + 1);
    EVP_CIPHER_CTX *c = cipher();
    int n = 0;
    bool ok =
        EVP_DecryptInit_ex(c, aes_256_gcm, NULL, key, from + SECRET_HEAD_LEN) &&
        EVP_DecryptUpdate(c, to, &n, from + HEAD_LEN, (int)len) &&
        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_LEN, (void *)(from + HEAD_LEN + len)) &&
        EVP_DecryptFinal_ex(c, to + n, &n) > 0;
    OPENSSL_cleanse(key, sizeof key);
    if (!ok)
        return ERR_INTERNAL;
    to[len] = '\0';
    *ret = (str) { (char *)to, len };
    return OK;
}

void sha256(str data, uint8_t ret[SHA256_LEN])
{
    unsigned len = 0;
    crypto_ready();
    int ok = EVP_Digest(data.ptr, data.len, ret, &len, sha_256, NULL);
    assert(ok && len == SHA256_LEN);
}

void hmac_sha256(str key, str data, uint8_t ret[SHA256_LEN])
{
    unsigned len = 0;
    const uint8_t *done =
        HMAC(EVP_sha256(), key.ptr, (int)key.len, (const uint8_t *)data.ptr, data.len, ret, &len);
    assert(done && len == SHA256_LEN);
}

void secrets_mac(const struct secrets *s, str data, uint8_t ret[SHA256_LEN])
{
    hmac_sha256((str) { (const char *)s->index, KEY_LEN }, data, ret);
}

str secret_index(const struct secrets *s, struct arena *a, str kind, str value)
{
    uint8_t mac[SHA256_LEN];
    struct strbuf text;
    strbuf_init(&text, a, 1 << 16);
    out(&text, kind);
    out_c(&text, '\0');
    out(&text, value);
    secrets_mac(s, strbuf_str(&text), mac);
    strbuf_clear(&text);
    out_hex(&text, mac, 16);
    return strbuf_str(&text);
}

bool secret_equal(str a, str b)
{
    return a.len == b.len && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}

str secret_token(struct arena *a, size_t bytes)
{
    uint8_t random[64];
    struct strbuf text;
    assert(bytes <= sizeof random);
    secret_bytes(random, bytes);
    strbuf_init(&text, a, 128);
    out_base64url(&text, random, bytes);
    return strbuf_str(&text);
}

#define ARGON2_PASSES 2
#define ARGON2_KIB    19456
#define ARGON2_SALT   16

/* Memory-hard on purpose: a crowd of sign-ins must not take gigabytes. */
static pthread_mutex_t argon2_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t argon2_freed = PTHREAD_COND_INITIALIZER;
static int argon2_running;

static void argon2_enter(void)
{
    pthread_mutex_lock(&argon2_lock);
    while (argon2_running == 2)
        pthread_cond_wait(&argon2_freed, &argon2_lock);
    argon2_running++;
    pthread_mutex_unlock(&argon2_lock);
}

static void argon2_leave(void)
{
    pthread_mutex_lock(&argon2_lock);
    argon2_running--;
    pthread_cond_signal(&argon2_freed);
    pthread_mutex_unlock(&argon2_lock);
}

str password_hash(struct arena *a, str password)
{
    uint8_t salt[ARGON2_SALT];
    char *encoded = arena_alloc(a, 256);
    secret_bytes(salt, sizeof salt);
    argon2_enter();
    int code = argon2id_hash_encoded(ARGON2_PASSES, ARGON2_KIB, 1, password.ptr, password.len, salt,
                                     sizeof salt, 32, encoded, 256);
    argon2_leave();
    assert(code == ARGON2_OK);
    return str_of(encoded);
}

bool password_matches(str encoded, str password)
{
    char text[256];
    if (!encoded.len) {
        struct arena none CLEANUP(arena_done) = { 0 };
        (void)password_hash(&none, password);
        return false;
    }
    if (encoded.len >= sizeof text)
        return false;
    memcpy(text, encoded.ptr, encoded.len);
    text[encoded.len] = '\0';
    argon2_enter();
    int code = argon2id_verify(text, password.ptr, password.len);
    argon2_leave();
    return code == ARGON2_OK;
}

bool totp_matches(str secret, instant now, str code, i64 *ret_step)
{
    if (code.len != 6)
        return false;
    for (i64 step = now.ms / 30000 - 1, last = step + 2; step <= last; step++) {
        uint8_t counter[8], mac[20];
        unsigned len = 0;
        for (int i = 0; i < 8; i++)
            counter[i] = (uint8_t)(step >> (56 - 8 * i));
        HMAC(EVP_sha1(), secret.ptr, (int)secret.len, counter, sizeof counter, mac, &len);
        size_t at = mac[19] & 15;
        uint32_t n = ((uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
                      (uint32_t)mac[at + 2] << 8 | mac[at + 3]) %
                     1000000;
        char text[8];
        snprintf(text, sizeof text, "%06u", n);
        if (secret_equal((str) { text, 6 }, code)) {
            *ret_step = step;
            return true;
        }
    }
    return false;
}
