-- The newest first; what is shown of them is read one by one.
-- name: event_latest
SELECT seq, customer_id, type_id, source_id FROM event WHERE seq < $1 ORDER BY seq DESC LIMIT $2;

-- name: event_person
SELECT c.name FROM customer c WHERE c.id = $1 AND c.erased_at IS NULL AND @scope(c);

-- name: event_type_list
SELECT id, name, declared, first_seen_at FROM event_type WHERE id > $1 ORDER BY id LIMIT $2;
