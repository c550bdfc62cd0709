-- name: event_type_put
INSERT INTO event_type (name, declared, first_seen_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET declared = event_type.declared OR excluded.declared
RETURNING id;

-- name: event_type_all
SELECT id, name, declared FROM event_type WHERE id > $1 ORDER BY id;

-- name: event_type_count
SELECT count(*) FROM event_type WHERE NOT declared;

-- name: event_insert
INSERT INTO event (customer_id, type_id, at_ms, received_ms, source_id, actor, dedupe_key, props)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: event_after
SELECT seq, customer_id, type_id, at_ms, received_ms, source_id, actor, props FROM event
WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3;

-- The oldest write that is still open; every one before it has ended.
-- name: event_oldest
SELECT 0;

-- name: event_oldest @pg
SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT);

-- The last number given out, committed or not.
-- name: event_given
SELECT coalesce(max(seq), 0) FROM event;

-- name: event_given @pg
SELECT last_value FROM event_seq_seq;

-- A write's number larger than that of every write so far.
-- name: event_next_write
SELECT 0;

-- name: event_next_write @pg
SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT);

-- name: event_last_seq
SELECT coalesce(max(seq), 0) FROM event;

-- name: subscriber_cursor
SELECT cursor_seq FROM subscriber WHERE name = $1;

-- name: subscriber_add
INSERT INTO subscriber (name, cursor_seq) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING;

-- name: subscriber_move
UPDATE subscriber SET cursor_seq = $2 WHERE name = $1 AND cursor_seq = $3;

-- name: event_by_seq
SELECT seq, customer_id, type_id, at_ms, received_ms, source_id, actor, props FROM event WHERE seq = $1;
