-- name: preset_tag_id
SELECT id FROM tag WHERE key = $1;

-- name: preset_group_id
SELECT id FROM tag_group WHERE key = $1;

-- name: preset_group_insert
INSERT INTO tag_group (key, name, color, single, sort, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id;

-- name: preset_rule_insert
INSERT INTO tag_rule (tag_id, condition, active, created_at) VALUES ($1, $2, TRUE, $3) ON CONFLICT (tag_id) DO NOTHING
RETURNING id;
