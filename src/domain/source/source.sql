-- name: source_by_key
SELECT id, user_scope, trusted, department_id, seen_at FROM source WHERE key_index = $1 AND active;

-- name: source_list
SELECT id, name, key_sealed, user_scope, trusted, department_id, active, version, created_at, seen_at FROM source
WHERE id > $1 ORDER BY id LIMIT $2;

-- name: source_by_id
SELECT id, name, key_sealed, user_scope, trusted, department_id, active, version, created_at, seen_at FROM source WHERE id = $1;

-- name: source_insert
INSERT INTO source (name, key_sealed, key_index, user_scope, trusted, department_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- name: source_update
UPDATE source SET name = $2, user_scope = $3, trusted = $4, department_id = $5, active = $6, version = version + 1
WHERE id = $1 AND version = $7;

-- name: source_rekey
UPDATE source SET key_sealed = $2, key_index = $3, version = version + 1 WHERE id = $1;

-- name: source_seen
UPDATE source SET seen_at = $2 WHERE id = $1;
