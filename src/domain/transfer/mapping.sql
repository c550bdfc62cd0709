-- name: import_preset_by_name
SELECT mapping FROM import_preset WHERE kind = $1 AND name = $2;

-- name: import_preset_all
SELECT id, kind, name, mapping, by_name, version FROM import_preset ORDER BY kind, name LIMIT 500;

-- name: import_preset_by_id
SELECT id, kind, name, mapping, by_name, version FROM import_preset WHERE id = $1;

-- name: import_preset_count
SELECT count(*) FROM import_preset;

-- name: import_preset_insert
INSERT INTO import_preset (kind, name, mapping, by_name, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id;

-- name: import_preset_update
UPDATE import_preset SET name = $2, mapping = $3, version = version + 1 WHERE id = $1;

-- name: import_preset_delete
DELETE FROM import_preset WHERE id = $1;
