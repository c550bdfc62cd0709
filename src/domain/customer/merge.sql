-- name: merge_insert
INSERT INTO merge (survivor_id, merged_id, reason, identity_kind, survivor_before, by_name, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- name: merge_by_id
SELECT survivor_id, merged_id, undone_at, survivor_before FROM merge WHERE id = $1;

-- name: merge_point
UPDATE customer SET merged_into = $2, version = version + 1 WHERE id = $1;

-- name: merge_unpoint
UPDATE customer SET merged_into = NULL, version = version + 1 WHERE id = $1;

-- name: merge_pointer
SELECT merged_into FROM customer WHERE id = $1;

-- name: merge_undo
UPDATE merge SET undone_at = $2 WHERE id = $1;

-- name: merge_moves_forget
DELETE FROM merge_move WHERE merge_id = $1;

-- name: merge_move_add
INSERT INTO merge_move (merge_id, kind, row_id, data) VALUES ($1, $2, $3, $4);

-- name: merge_moves
SELECT row_id, data FROM merge_move WHERE merge_id = $1 AND kind = $2 ORDER BY id;

-- name: merge_counts
SELECT kind, max(n) FROM (SELECT kind, scope, count(*) AS n FROM identity WHERE customer_id IN ($1, $2) GROUP BY kind, scope) x
GROUP BY kind;

-- name: merge_identities_note
INSERT INTO merge_move (merge_id, kind, row_id) SELECT $1, 'identity', id FROM identity WHERE customer_id = $2;

-- name: merge_identities_move
UPDATE identity SET customer_id = $2 WHERE customer_id = $1;

-- name: merge_identities_back
UPDATE identity SET customer_id = $2
WHERE id IN (SELECT row_id FROM merge_move WHERE merge_id = $1 AND kind = 'identity');

-- name: merge_notes_note
INSERT INTO merge_move (merge_id, kind, row_id) SELECT $1, 'note', id FROM note WHERE customer_id = $2;

-- name: merge_notes_move
UPDATE note SET customer_id = $2 WHERE customer_id = $1;

-- name: merge_notes_back
UPDATE note SET customer_id = $2 WHERE id IN (SELECT row_id FROM merge_move WHERE merge_id = $1 AND kind = 'note');

-- name: merge_conflicts_note
INSERT INTO merge_move (merge_id, kind, row_id)
SELECT $1, 'conflict', id FROM identity_conflict
WHERE resolved_at IS NULL AND ((customer_id = $2 AND other_id = $3) OR (customer_id = $3 AND other_id = $2));

-- name: merge_conflicts_settle
UPDATE identity_conflict SET resolved_at = $3, resolution = 'merged'
WHERE resolved_at IS NULL AND ((customer_id = $1 AND other_id = $2) OR (customer_id = $2 AND other_id = $1));

-- name: merge_conflicts_back
UPDATE identity_conflict SET resolved_at = NULL, resolution = NULL
WHERE id IN (SELECT row_id FROM merge_move WHERE merge_id = $1 AND kind = 'conflict');

-- name: merge_consents
SELECT customer_id, channel, state, origin, changed_at FROM consent WHERE customer_id IN ($1, $2);

-- name: merge_consents_join
INSERT INTO consent (customer_id, channel, state, origin, changed_at)
SELECT CAST($2 AS BIGINT), channel, state, origin, changed_at FROM consent WHERE customer_id = $1
ON CONFLICT (customer_id, channel) DO UPDATE SET state = excluded.state, origin = excluded.origin,
    changed_at = excluded.changed_at
WHERE excluded.state = 'refused' AND consent.state = 'granted';

-- name: merge_consents_clear
DELETE FROM consent WHERE customer_id = $1;

-- name: merge_consents_older
DELETE FROM consent WHERE customer_id = $1 AND changed_at <= (SELECT created_at FROM merge WHERE id = $2);

-- name: merge_consents_newer
INSERT INTO consent (customer_id, channel, state, origin, changed_at)
SELECT CAST($1 AS BIGINT), channel, state, origin, changed_at FROM consent
WHERE customer_id = $2 AND changed_at > (SELECT created_at FROM merge WHERE id = $3)
ON CONFLICT (customer_id, channel) DO UPDATE SET state = excluded.state, origin = excluded.origin,
    changed_at = excluded.changed_at;

-- name: merge_consent_put
INSERT INTO consent (customer_id, channel, state, origin, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (customer_id, channel) DO NOTHING;

-- name: forget_identities
DELETE FROM identity WHERE customer_id = $1;

-- name: forget_notes
DELETE FROM note WHERE customer_id = $1;

-- name: forget_conflicts
DELETE FROM identity_conflict WHERE customer_id = $1 OR other_id = $1;

-- name: forget_merges
UPDATE merge SET survivor_before = NULL WHERE survivor_id = $1 OR merged_id = $1;

-- name: forget_merge_data
UPDATE merge_move SET data = NULL
WHERE data IS NOT NULL AND merge_id IN (SELECT id FROM merge WHERE survivor_id = $1 OR merged_id = $1);

-- name: forget_profile
UPDATE customer SET name = NULL, gender = NULL, birthday = NULL, birth_md = NULL, city = NULL, address_sealed = NULL, remark = NULL,
    attrs = '{}', erased_at = $2, version = version + 1
WHERE id = $1;

-- name: tell_notes
SELECT text, created_at FROM note WHERE customer_id = $1 ORDER BY id;

-- name: tell_consents
SELECT channel, state, origin, changed_at FROM consent WHERE customer_id = $1 ORDER BY channel;
