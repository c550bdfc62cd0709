-- name: note_list
SELECT id, customer_id, staff_id, by_name, text, pinned, version, created_at FROM note
WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: note_by_id
SELECT n.id, n.customer_id, n.staff_id, n.by_name, n.text, n.pinned, n.version, n.created_at
FROM note n JOIN customer c ON c.id = n.customer_id
WHERE n.id = $1 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c);

-- name: note_insert
INSERT INTO note (customer_id, staff_id, by_name, text, pinned, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id;

-- name: note_update
UPDATE note SET text = $2, pinned = $3, version = version + 1 WHERE id = $1 AND version = $4;

-- name: note_delete
DELETE FROM note WHERE id = $1;

-- name: consent_list
SELECT channel, state, origin, changed_at FROM consent WHERE customer_id = $1 ORDER BY channel;

-- name: consent_one
SELECT channel, state, origin, changed_at FROM consent WHERE customer_id = $1 AND channel = $2;

-- name: consent_put
INSERT INTO consent (customer_id, channel, state, origin, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (customer_id, channel) DO UPDATE SET state = excluded.state, origin = excluded.origin,
    changed_at = excluded.changed_at;
