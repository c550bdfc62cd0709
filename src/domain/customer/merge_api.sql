-- name: merge_list
SELECT id, survivor_id, merged_id, reason, identity_kind, by_name, created_at, undone_at FROM merge
WHERE survivor_id = $1 ORDER BY id DESC LIMIT 200;

-- name: merge_newest
SELECT id, survivor_id, merged_id, reason, identity_kind, by_name, created_at, undone_at FROM merge
WHERE survivor_id = $1 AND merged_id = $2 ORDER BY id DESC LIMIT 1;

-- name: merge_one
SELECT m.id, m.survivor_id, m.merged_id, m.reason, m.identity_kind, m.by_name, m.created_at, m.undone_at
FROM merge m JOIN customer c ON c.id = m.survivor_id
WHERE m.id = $1 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c);

-- name: conflict_list
SELECT x.id, x.customer_id, c.name AS customer_name, x.other_id, o.name AS other_name, x.kind, x.sealed, x.reason, x.origin,
    x.created_at
FROM identity_conflict x JOIN customer c ON c.id = x.customer_id LEFT JOIN customer o ON o.id = x.other_id
WHERE x.resolved_at IS NULL AND x.id > $1 AND @scope(c) ORDER BY x.id LIMIT $2;

-- name: conflict_list_of
SELECT x.id, x.customer_id, c.name AS customer_name, x.other_id, o.name AS other_name, x.kind, x.sealed, x.reason, x.origin,
    x.created_at
FROM identity_conflict x JOIN customer c ON c.id = x.customer_id LEFT JOIN customer o ON o.id = x.other_id
WHERE x.resolved_at IS NULL AND (x.customer_id = $3 OR x.other_id = $3) AND x.id > $1 AND @scope(c) ORDER BY x.id LIMIT $2;

-- name: conflict_open
SELECT x.customer_id, x.other_id FROM identity_conflict x JOIN customer c ON c.id = x.customer_id
WHERE x.id = $1 AND x.resolved_at IS NULL AND @scope(c);

-- name: conflict_dismiss
UPDATE identity_conflict SET resolved_at = $2, resolution = 'dismissed' WHERE id = $1;

-- name: conflict_merged
UPDATE identity_conflict SET resolved_at = $2, resolution = 'merged' WHERE id = $1;

-- name: block_list
SELECT id, kind, shown AS value, reason, created_at FROM identity_block WHERE id > $1 ORDER BY id LIMIT $2;

-- name: block_by_id
SELECT id, kind, shown AS value, reason, created_at FROM identity_block WHERE id = $1;

-- name: block_insert
INSERT INTO identity_block (kind, value_key, shown, reason, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id;

-- name: block_delete
DELETE FROM identity_block WHERE id = $1;
