-- name: tag_group_list
SELECT g.id, g.key, g.name, g.color, g.single, g.sort, (SELECT count(*) FROM tag t WHERE t.group_id = g.id) AS tags, g.version
FROM tag_group g WHERE g.id > $1 ORDER BY g.id LIMIT $2;

-- name: tag_group_by_id
SELECT g.id, g.key, g.name, g.color, g.single, g.sort, (SELECT count(*) FROM tag t WHERE t.group_id = g.id) AS tags, g.version
FROM tag_group g WHERE g.id = $1;

-- name: tag_group_insert
INSERT INTO tag_group (key, name, color, single, sort, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id;

-- name: tag_group_update
UPDATE tag_group SET name = $2, color = $3, single = $4, sort = $5, version = version + 1 WHERE id = $1 AND version = $6;

-- name: tag_group_delete
DELETE FROM tag_group WHERE id = $1;

-- name: tag_list
SELECT id, group_id, key, name, sort, version FROM tag
WHERE id > $1 AND (CAST($2 AS BIGINT) IS NULL OR group_id = $2) ORDER BY id LIMIT $3;

-- name: tag_by_id
SELECT id, group_id, key, name, sort, version FROM tag WHERE id = $1;

-- name: tag_insert
INSERT INTO tag (group_id, key, name, sort, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id;

-- name: tag_update
UPDATE tag SET name = $2, sort = $3, version = version + 1 WHERE id = $1 AND version = $4;

-- name: tag_delete
DELETE FROM tag WHERE id = $1;

-- name: tag_count
SELECT count(*) FROM tag;
