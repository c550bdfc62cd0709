/* Secrets: what must be unreadable in the database file, in a backup and to whoever may only read.
 *
 * The key file (mode 0600, beside the database) holds numbered keys and one for indexes. A sealed
 * value says which key it was sealed with: version 1 byte, key id 4, nonce 12, ciphertext, tag 16
 * (AES-256-GCM). Equality search goes by an HMAC of the normalised value, so the same phone number
 * gives the same index and nothing else can be asked of it. */
#ifndef HETANG_SECRET_H
#define HETANG_SECRET_H

#include "base/base.h"

struct secrets;

#define SHA256_LEN      32
#define SECRET_KEYS_MAX 64
#define SECRET_HEAD_LEN 5  /* version and key id, before the nonce */
#define SECRET_LEN_MIN  33 /* of a sealed value: that of an empty text */

/* Reads the key file, or makes it when `create`. Refuses one that others may read (ERR_CONFIG). */
enum err secrets_open(const char *path, bool create, struct secrets **ret, const char **ret_reason);
void secrets_close(struct secrets *s);
/* Adds a key and seals with it from now on; older ones still open. The file is replaced in one
 * step. */
enum err secrets_rotate(struct secrets *s, const char **ret_reason);
uint32_t secrets_active(const struct secrets *s);
/* Names the active key, so that another node can tell whether its file has it: the id and a MAC,
 * from which nothing follows about the key. */
str secrets_mark(const struct secrets *s, struct arena *a);
bool secrets_has(const struct secrets *s, str mark);
/* Reads the file again: another process may have rotated. ERR_CONFIG if it is no longer ours, and
 * then nothing changes. */
enum err secrets_reload(struct secrets *s, const char **ret_reason);
/* Removes the keys that are not in `used` (ids) and not active from the file. *ret_removed may be
 * NULL. Values sealed with them will never open again. */
enum err secrets_prune(struct secrets *s, const uint32_t *used, size_t count, size_t *ret_removed,
                       const char **ret_reason);
/* The ids of all keys, the active one last. Returns how many. */
size_t secrets_ids(const struct secrets *s, uint32_t ret[SECRET_KEYS_MAX]);

/* The sealed bytes, in the arena. */
str secret_seal(const struct secrets *s, struct arena *a, str plain);
/* ERR_INTERNAL if the bytes were altered or their key is gone. */
enum err secret_open(const struct secrets *s, struct arena *a, str sealed, str *ret);
uint32_t secret_key_id(str sealed); /* 0 if it is no sealed value */
/* 32 hex digits; `kind` separates fields, so that a phone number and a member number of the same
 * digits differ. */
str secret_index(const struct secrets *s, struct arena *a, str kind, str value);

void sha256(str data, uint8_t ret[SHA256_LEN]);
void hmac_sha256(str key, str data, uint8_t ret[SHA256_LEN]);
void secrets_mac(const struct secrets *s, str data,
                 uint8_t ret[SHA256_LEN]); /* with the index key: audit chain */
bool secret_equal(str a, str b);           /* in constant time for equal lengths */
/* `bytes` random bytes as base64url. */
str secret_token(struct arena *a, size_t bytes);

/* Argon2id, 19 MiB, 2 passes (OWASP's minimum), encoded with its parameters. At most two at once,
 * the others wait. */
str password_hash(struct arena *a, str password);
/* Against none nothing matches, after as long as against one that is there: a name that does not
 * exist must not be told by the time it takes. */
bool password_matches(str encoded, str password);
/* RFC 6238, SHA-1, 30 s, 6 digits; the step before and after count too. *ret_step: the step that
 * matched. */
bool totp_matches(str secret, instant now, str code, i64 *ret_step);

#endif
