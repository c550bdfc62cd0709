-- name: attribute_types
SELECT key, type, choices FROM attribute_def WHERE NOT archived;

-- name: attribute_list
SELECT id, key, name, name_en, type, choices, sort, archived, version FROM attribute_def ORDER BY sort, id LIMIT 1000;

-- name: attribute_by_id
SELECT id, key, name, name_en, type, choices, sort, archived, version FROM attribute_def WHERE id = $1;

-- name: attribute_count
SELECT count(*) FROM attribute_def WHERE NOT archived;

-- name: attribute_insert
INSERT INTO attribute_def (key, name, name_en, type, choices, sort, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id;

-- name: attribute_update
UPDATE attribute_def SET name = $2, name_en = $3, choices = $4, sort = $5, archived = $6, version = version + 1
WHERE id = $1 AND version = $7;
