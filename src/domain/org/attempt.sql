-- name: attempt_get
SELECT count, until, changed_at FROM sign_in_failure WHERE key = $1;

-- name: attempt_put
INSERT INTO sign_in_failure (key, login, count, until, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (key) DO UPDATE SET count = excluded.count, until = excluded.until, changed_at = excluded.changed_at;

-- $2: the count that was claimed; a later try keeps its own wait.
-- name: attempt_back
UPDATE sign_in_failure SET until = CASE WHEN count = $2 THEN 0 ELSE until END, count = count - 1
WHERE key = $1 AND count > 0;

-- name: attempt_drop
DELETE FROM sign_in_failure WHERE key = $1;

-- name: attempt_forget_login
DELETE FROM sign_in_failure WHERE login = $1;

-- name: attempt_clean_before
DELETE FROM sign_in_failure WHERE changed_at < $1;
