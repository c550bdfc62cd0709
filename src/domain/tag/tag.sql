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
SELECT t.id, t.group_id, t.key, t.name, t.sort, (SELECT count(*) FROM customer_tag x WHERE x.tag_id = t.id) AS people,
    EXISTS (SELECT 1 FROM tag_rule r WHERE r.tag_id = t.id AND r.ending IS NULL) AS ruled, t.version
FROM tag t WHERE t.id > $1 AND t.removed_at IS NULL AND (CAST($2 AS BIGINT) IS NULL OR t.group_id = $2) ORDER BY t.id LIMIT $3;

-- name: tag_by_id
SELECT t.id, t.group_id, t.key, t.name, t.sort, (SELECT count(*) FROM customer_tag x WHERE x.tag_id = t.id) AS people,
    EXISTS (SELECT 1 FROM tag_rule r WHERE r.tag_id = t.id AND r.ending IS NULL) AS ruled, t.version
FROM tag t WHERE t.id = $1 AND t.removed_at IS NULL;

-- name: tag_by_key
SELECT id FROM tag WHERE key = $1 AND removed_at IS NULL;

-- name: tag_insert
INSERT INTO tag (group_id, key, name, sort, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id;

-- name: tag_update
UPDATE tag SET name = $2, sort = $3, version = version + 1 WHERE id = $1 AND version = $4;

-- name: tag_hide
UPDATE tag SET removed_at = $2, name = name || ' #' || CAST(id AS TEXT), key = NULL WHERE id = $1;

-- name: tag_uses
SELECT count(*) FROM condition_use WHERE tag_id = $1 AND NOT (owner = 'rule' AND owner_id = (SELECT id FROM tag_rule WHERE tag_id = $1));

-- name: tag_group_uses
SELECT count(*) FROM tag WHERE group_id = $1;

-- name: tag_strip
DELETE FROM customer_tag WHERE tag_id = $1 AND customer_id IN (SELECT customer_id FROM customer_tag WHERE tag_id = $1 LIMIT 2000);

-- name: tag_rule_hits_strip
DELETE FROM tag_rule_hit WHERE rule_id IN (SELECT id FROM tag_rule WHERE tag_id = $1);

-- name: tag_rule_uses_strip
DELETE FROM condition_use WHERE owner = 'rule' AND owner_id IN (SELECT id FROM tag_rule WHERE tag_id = $1);

-- name: tag_rule_strip
DELETE FROM tag_rule WHERE tag_id = $1;

-- name: tag_blocks_strip
DELETE FROM tag_block WHERE tag_id = $1;

-- name: tag_delete
DELETE FROM tag WHERE id = $1;

-- name: tag_rule_stop
UPDATE tag_rule SET active = FALSE WHERE tag_id = $1;

-- name: customer_tag_put
INSERT INTO customer_tag (customer_id, tag_id, source, by_name, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (customer_id, tag_id) DO NOTHING;

-- name: customer_tag_claim
UPDATE customer_tag SET source = $3, by_name = $4 WHERE customer_id = $1 AND tag_id = $2 AND source = 'rule';

-- name: customer_tag_remove
DELETE FROM customer_tag WHERE customer_id = $1 AND tag_id = $2;

-- name: customer_tag_source
SELECT source FROM customer_tag WHERE customer_id = $1 AND tag_id = $2;

-- name: customer_tag_rivals
SELECT x.tag_id, x.source FROM customer_tag x JOIN tag t ON t.id = x.tag_id JOIN tag_group g ON g.id = t.group_id
WHERE x.customer_id = $1 AND g.single AND x.tag_id <> $2 AND t.group_id = (SELECT group_id FROM tag WHERE id = $2);

-- name: tag_block_has
SELECT 1 FROM tag_block WHERE customer_id = $1 AND tag_id = $2;

-- name: tag_block_put
INSERT INTO tag_block (customer_id, tag_id, at) VALUES ($1, $2, $3) ON CONFLICT (customer_id, tag_id) DO NOTHING;

-- name: tag_block_remove
DELETE FROM tag_block WHERE customer_id = $1 AND tag_id = $2;

-- name: customer_tag_list
SELECT t.id, t.group_id, g.name AS group_name, g.color, t.key, t.name, x.source, x.by_name, x.at
FROM customer_tag x JOIN tag t ON t.id = x.tag_id JOIN tag_group g ON g.id = t.group_id
WHERE x.customer_id = $1 AND t.removed_at IS NULL ORDER BY g.sort, g.id, t.sort, t.id;

-- name: tags_set_aside
INSERT INTO merge_move (merge_id, kind, row_id, data)
SELECT $1, 'tag', x.tag_id, x.source || '|' || CAST(x.at AS TEXT) || '|' || CASE WHEN EXISTS (
        SELECT 1 FROM customer_tag y WHERE y.customer_id = $3 AND y.tag_id = x.tag_id) THEN '1' ELSE '0' END || '|' || coalesce(x.by_name, '')
FROM customer_tag x WHERE x.customer_id = $2;

-- name: tags_join
INSERT INTO customer_tag (customer_id, tag_id, source, by_name, at)
SELECT CAST($2 AS BIGINT), x.tag_id, x.source, x.by_name, x.at FROM customer_tag x WHERE x.customer_id = $1
ON CONFLICT (customer_id, tag_id) DO NOTHING;

-- name: tags_clear
DELETE FROM customer_tag WHERE customer_id = $1;

-- name: tags_moved
SELECT row_id, data FROM merge_move WHERE merge_id = $1 AND kind = 'tag' ORDER BY id;

-- name: tags_tell
SELECT g.name, t.name, x.source, x.at FROM customer_tag x JOIN tag t ON t.id = x.tag_id JOIN tag_group g ON g.id = t.group_id
WHERE x.customer_id = $1 ORDER BY x.at, t.id;

-- name: tag_count
SELECT count(*) FROM tag;
