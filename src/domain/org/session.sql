-- name: session_by_token
SELECT e.id, e.staff_id, e.seen_at, e.expires_at, s.name, s.state, s.perms, s.scope, e.created_at, s.password_change
FROM session e JOIN staff s ON s.id = e.staff_id WHERE e.token_hash = $1;

-- name: session_insert
INSERT INTO session (token_hash, staff_id, ip, agent, created_at, seen_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $5, $6);

-- name: session_seen
UPDATE session SET seen_at = $2, expires_at = $3 WHERE id = $1 AND seen_at < $2;

-- name: session_delete_token
DELETE FROM session WHERE token_hash = $1;

-- name: session_delete
DELETE FROM session WHERE id = $1 AND staff_id = $2;

-- name: session_delete_all
DELETE FROM session WHERE staff_id = $1 AND id <> $2;

-- name: session_delete_oldest
DELETE FROM session WHERE staff_id = $1 AND id NOT IN (
    SELECT id FROM session WHERE staff_id = $1 ORDER BY seen_at DESC, id DESC LIMIT $2);

-- At most SESSIONS_MAX.
-- name: session_list
SELECT id, ip, agent, created_at, seen_at, expires_at, id = $2 AS current
FROM session WHERE staff_id = $1 AND expires_at > $3 AND created_at > $4 ORDER BY seen_at DESC, id DESC;

-- name: session_clean
DELETE FROM session WHERE expires_at <= $1 OR created_at <= $2;

-- name: browser_by_token
SELECT b.id FROM staff_browser b JOIN staff s ON s.id = b.staff_id WHERE b.token_hash = $1 AND s.login = $2;

-- name: browser_known
SELECT count(*) FROM staff_browser WHERE token_hash = $1;

-- name: browser_put
INSERT INTO staff_browser (staff_id, token_hash, created_at, seen_at) VALUES ($1, $2, $3, $3)
ON CONFLICT (token_hash, staff_id) DO UPDATE SET seen_at = excluded.seen_at;

-- name: browser_delete_oldest
DELETE FROM staff_browser WHERE staff_id = $1 AND id NOT IN (
    SELECT id FROM staff_browser WHERE staff_id = $1 ORDER BY seen_at DESC, id DESC LIMIT $2);

-- name: browser_delete_all
DELETE FROM staff_browser WHERE staff_id = $1;

-- name: browser_clean
DELETE FROM staff_browser WHERE seen_at < $1;

-- name: token_by_hash
SELECT t.id, t.staff_id, t.seen_at, t.expires_at, s.name, s.state, s.perms, s.scope, t.permissions
FROM token t JOIN staff s ON s.id = t.staff_id WHERE t.token_hash = $1;

-- name: token_seen
UPDATE token SET seen_at = $2 WHERE id = $1 AND (seen_at IS NULL OR seen_at < $2);

-- name: token_insert
INSERT INTO token (staff_id, name, token_hash, hint, permissions, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- name: token_count
SELECT count(*) FROM token WHERE staff_id = $1;

-- At most TOKENS_MAX.
-- name: token_list
SELECT id, name, hint, permissions, expires_at, seen_at, created_at FROM token WHERE staff_id = $1 ORDER BY id;

-- name: token_delete
DELETE FROM token WHERE id = $1 AND staff_id = $2;

-- name: token_delete_all
DELETE FROM token WHERE staff_id = $1;
