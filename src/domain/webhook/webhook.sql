-- name: webhook_list
SELECT w.id, w.name, w.url, w.types, w.state, w.failures, w.failing_at, w.last_error, w.paused_at, w.by_staff_id, w.version,
    w.created_at,
    (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'waiting' AND d.webhook_id = w.id LIMIT 1000) x)
        + (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'queued' AND d.webhook_id = w.id LIMIT 1000) x)
        + (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'sending' AND d.webhook_id = w.id LIMIT 1000) x) AS waiting,
    (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'dead' AND d.webhook_id = w.id LIMIT 1000) x) AS dead
FROM webhook w WHERE w.id > $1 AND w.state <> 'gone' ORDER BY w.id LIMIT $2;

-- name: webhook_by_id
SELECT w.id, w.name, w.url, w.types, w.state, w.failures, w.failing_at, w.last_error, w.paused_at, w.by_staff_id, w.version,
    w.created_at,
    (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'waiting' AND d.webhook_id = w.id LIMIT 1000) x)
        + (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'queued' AND d.webhook_id = w.id LIMIT 1000) x)
        + (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'sending' AND d.webhook_id = w.id LIMIT 1000) x) AS waiting,
    (SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'dead' AND d.webhook_id = w.id LIMIT 1000) x) AS dead
FROM webhook w WHERE w.id = $1 AND w.state <> 'gone';

-- name: webhook_count
SELECT count(*) FROM webhook WHERE state <> 'gone';

-- name: webhook_insert
INSERT INTO webhook (name, url, types, secret_sealed, state, from_seq, since, by_staff_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7)
RETURNING id;

-- name: webhook_update
UPDATE webhook SET name = $2, url = $3, types = $4, version = version + 1 WHERE id = $1 AND version = $5;

-- name: webhook_switch_on
UPDATE webhook SET state = 'active', since = $2, failures = 0, failing_at = NULL, last_error = NULL, paused_at = NULL,
    from_seq = CASE WHEN state = 'off' THEN $3 ELSE from_seq END
WHERE id = $1 AND state IN ('off', 'paused');

-- name: webhook_switch_off
UPDATE webhook SET state = 'off', paused_at = NULL WHERE id = $1 AND state IN ('active', 'paused');

-- name: webhook_secret
UPDATE webhook SET secret_sealed = $2, version = version + 1 WHERE id = $1;

-- name: webhook_leave
UPDATE webhook SET state = 'gone', paused_at = NULL WHERE id = $1;

-- name: webhook_delete
DELETE FROM webhook WHERE id = $1 AND state = 'gone';

-- name: webhook_wanting
SELECT id, types, from_seq FROM webhook WHERE state IN ('active', 'paused') ORDER BY id;

-- name: webhook_due
SELECT w.id, (SELECT min(d.due_at) FROM delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting') AS due_at
FROM webhook w WHERE w.state = 'active' ORDER BY w.id;

-- name: webhook_target
SELECT url, secret_sealed, since FROM webhook WHERE id = $1 AND state = 'active';

-- name: webhook_well
UPDATE webhook SET failures = 0, failing_at = NULL, last_error = NULL WHERE id = $1 AND failures > 0;

-- name: webhook_ill
UPDATE webhook SET failures = failures + 1, failing_at = coalesce(failing_at, $2), last_error = $3
WHERE id = $1 AND state = 'active'
RETURNING failures, failing_at;

-- name: webhook_pause
UPDATE webhook SET state = 'paused', paused_at = $2, last_error = $3 WHERE id = $1 AND state = 'active';

-- name: delivery_busy
SELECT webhook_id FROM delivery WHERE webhook_id = $1 AND customer_id = $2 AND state IN ('waiting', 'sending');

-- name: delivery_insert
INSERT INTO delivery (webhook_id, event_seq, customer_id, state, due_at, attempts, created_at, blanked)
VALUES ($1, $2, $3, $4, $5, 0, $6, FALSE)
ON CONFLICT (webhook_id, event_seq) DO NOTHING;

-- name: delivery_claim
UPDATE delivery SET state = 'sending', due_at = $3, lease_by = $4, attempts = attempts + 1, first_at = coalesce(first_at, $2)
WHERE webhook_id = $1 AND event_seq IN
    (SELECT event_seq FROM delivery WHERE webhook_id = $1 AND state = 'waiting' AND due_at <= $2 ORDER BY due_at LIMIT $5)
RETURNING event_seq, attempts, first_at;

-- name: delivery_claim @pg
UPDATE delivery SET state = 'sending', due_at = $3, lease_by = $4, attempts = attempts + 1, first_at = coalesce(first_at, $2)
WHERE webhook_id = $1 AND event_seq IN
    (SELECT event_seq FROM delivery WHERE webhook_id = $1 AND state = 'waiting' AND due_at <= $2 ORDER BY due_at LIMIT $5
     FOR UPDATE SKIP LOCKED)
RETURNING event_seq, attempts, first_at;

-- name: delivery_settle
UPDATE delivery SET state = $5, due_at = $6, lease_by = NULL, finished_at = $7, status = $8, error = $9, detail = $10,
    response = $11, took_ms = $12
WHERE webhook_id = $1 AND event_seq = $2 AND state = 'sending' AND lease_by = $3 AND attempts = $4
RETURNING customer_id;

-- name: delivery_release
UPDATE delivery SET state = 'waiting', due_at = $5, lease_by = NULL, attempts = attempts - 1
WHERE webhook_id = $1 AND event_seq = $2 AND state = 'sending' AND lease_by = $3 AND attempts = $4;

-- name: delivery_reclaim
UPDATE delivery SET state = 'waiting', lease_by = NULL WHERE state = 'sending' AND due_at <= $1 AND lease_by <> $2;

-- name: delivery_next
UPDATE delivery SET state = 'waiting', due_at = $3
WHERE webhook_id = $1 AND event_seq =
    (SELECT min(event_seq) FROM delivery WHERE webhook_id = $1 AND customer_id = $2 AND state = 'queued');

-- name: delivery_again
UPDATE delivery SET state = $3, due_at = $4, attempts = 0, first_at = NULL, finished_at = NULL, status = NULL, error = NULL,
    detail = NULL, response = NULL, took_ms = NULL
WHERE webhook_id = $1 AND event_seq = $2 AND state IN ('done', 'dead') AND NOT blanked;

-- name: delivery_dead
SELECT event_seq, customer_id FROM delivery
WHERE state = 'dead' AND webhook_id = $1 AND event_seq > $2 AND event_seq <= $3 AND NOT blanked
ORDER BY event_seq LIMIT $4;

-- name: delivery_hurry
UPDATE delivery SET due_at = $2
WHERE webhook_id = $1 AND event_seq IN
    (SELECT event_seq FROM delivery WHERE webhook_id = $1 AND state = 'waiting' AND due_at > $2 ORDER BY due_at DESC LIMIT $3);

-- name: delivery_forget
UPDATE delivery SET state = CASE WHEN state IN ('done', 'dead') THEN state ELSE 'dead' END, due_at = NULL, lease_by = NULL,
    finished_at = coalesce(finished_at, $2), error = CASE WHEN state IN ('done', 'dead') THEN error ELSE 'erased' END,
    detail = NULL, response = NULL, customer_id = NULL, blanked = TRUE
WHERE customer_id = $1;

-- name: delivery_page
SELECT webhook_id, event_seq, created_at, state, customer_id FROM delivery
WHERE (webhook_id, event_seq) > ($1, $2) ORDER BY webhook_id, event_seq LIMIT $3;

-- name: delivery_expire
UPDATE delivery SET state = 'dead', due_at = NULL, finished_at = $3, error = 'expired'
WHERE webhook_id = $1 AND event_seq = $2 AND state IN ('queued', 'waiting')
RETURNING customer_id;

-- name: delivery_delete
DELETE FROM delivery WHERE webhook_id = $1 AND event_seq = $2 AND state IN ('done', 'dead');

-- name: delivery_delete_some
DELETE FROM delivery WHERE webhook_id = $1 AND event_seq IN
    (SELECT event_seq FROM delivery WHERE webhook_id = $1 ORDER BY event_seq LIMIT $2);

-- name: delivery_list
SELECT d.webhook_id, d.event_seq AS event_id, t.name AS type, d.customer_id, d.state, d.attempts, d.status, d.error, d.detail,
    d.took_ms, CASE WHEN d.state = 'waiting' THEN d.due_at ELSE NULL END AS next_at, d.created_at, d.finished_at, d.blanked
FROM delivery d JOIN event e ON e.seq = d.event_seq JOIN event_type t ON t.id = e.type_id
WHERE d.webhook_id = $1 AND d.event_seq < $2 ORDER BY d.event_seq DESC LIMIT $3;

-- name: delivery_list_state
SELECT d.webhook_id, d.event_seq AS event_id, t.name AS type, d.customer_id, d.state, d.attempts, d.status, d.error, d.detail,
    d.took_ms, CASE WHEN d.state = 'waiting' THEN d.due_at ELSE NULL END AS next_at, d.created_at, d.finished_at, d.blanked
FROM delivery d JOIN event e ON e.seq = d.event_seq JOIN event_type t ON t.id = e.type_id
WHERE d.state = $4 AND d.webhook_id = $1 AND d.event_seq < $2 ORDER BY d.event_seq DESC LIMIT $3;

-- name: delivery_get
SELECT d.webhook_id, d.event_seq AS event_id, t.name AS type, d.customer_id, d.state, d.attempts, d.status, d.error, d.detail,
    d.took_ms, CASE WHEN d.state = 'waiting' THEN d.due_at ELSE NULL END AS next_at, d.created_at, d.finished_at, d.blanked,
    d.response
FROM delivery d JOIN event e ON e.seq = d.event_seq JOIN event_type t ON t.id = e.type_id
WHERE d.webhook_id = $1 AND d.event_seq = $2;

-- name: delivery_counts
SELECT state, count(*) FROM delivery WHERE state IN ('queued', 'waiting', 'sending', 'dead') GROUP BY state;

-- name: webhook_event_types
SELECT id, name, declared, first_seen_at FROM event_type WHERE id > $1 ORDER BY id LIMIT $2;
