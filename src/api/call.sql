-- name: idempotency_claim
INSERT INTO idempotency (actor_key, key, body_hash, status, reply, created_at) VALUES ($1, $2, $3, 0, NULL, $4)
ON CONFLICT (actor_key, key) DO NOTHING;

-- name: idempotency_get
SELECT body_hash, status, reply FROM idempotency WHERE actor_key = $1 AND key = $2;

-- name: idempotency_keep
UPDATE idempotency SET status = $3, reply = $4 WHERE actor_key = $1 AND key = $2;

-- name: idempotency_clean
DELETE FROM idempotency WHERE created_at < $1;
