-- name: setting_by_key
SELECT value FROM setting WHERE key = $1;

-- name: setting_put
INSERT INTO setting (key, value, changed_at) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;
