-- name: session_by_token
SELECT s.id, s.staff_id, s.seen_at, s.expires_at, f.name, f.state, f.password_change, f.perms, f.scope
FROM session s JOIN staff f ON f.id = s.staff_id WHERE s.token_hash = $1;

-- name: session_insert
INSERT INTO session (token_hash, staff_id, ip, agent, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $5, $6);

-- name: session_seen
UPDATE session SET seen_at = $2, expires_at = $3 WHERE id = $1;

-- name: session_delete_token
DELETE FROM session WHERE token_hash = $1;

-- name: token_by_hash
SELECT t.id, t.staff_id, t.expires_at, t.permissions, f.name, f.state, f.perms, f.scope
FROM token t JOIN staff f ON f.id = t.staff_id WHERE t.token_hash = $1;
