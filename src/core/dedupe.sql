-- name: dedupe_after
SELECT seq, dedupe_key, received_ms FROM event WHERE seq > $1 ORDER BY seq LIMIT $2;

-- name: dedupe_keys_after
SELECT dedupe_key FROM event WHERE seq > $1 AND dedupe_key IS NOT NULL;

-- name: dedupe_take
INSERT INTO event_seen (key, received_ms) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING;

-- name: dedupe_forget
DELETE FROM event_seen WHERE received_ms < $1;
