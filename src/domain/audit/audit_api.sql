-- part: audit_row
SELECT a.seq AS id, a.at, CASE a.actor_kind WHEN 1 THEN 'staff' WHEN 2 THEN 'token' WHEN 3 THEN 'source' WHEN 4 THEN 'system' ELSE 'nobody' END
    AS actor_kind, a.actor_id, a.actor_name, a.ip, a.request_id, a.action, a.entity, a.entity_id, a.customer_id

-- What was done to a customer is seen by who may see the customer.
-- part: visible
(a.customer_id IS NULL OR EXISTS (SELECT 1 FROM customer c WHERE c.id = a.customer_id AND @scope(c)))

-- The list by each of its filters, so that the one given is served by its index and the others only narrow it.

-- name: audit_list
@audit_row
FROM audit a
WHERE a.seq < $1 AND a.seq >= $2 AND +a.at >= $3 AND +a.at < $4
    AND (CAST($5 AS BIGINT) IS NULL OR (a.actor_id = $5 AND a.actor_kind IN (1, 2)))
    AND (CAST($6 AS TEXT) IS NULL OR a.action = $6) AND (CAST($7 AS TEXT) IS NULL OR a.entity = $7)
    AND (CAST($8 AS BIGINT) IS NULL OR a.entity_id = $8) AND (CAST($9 AS BIGINT) IS NULL OR a.customer_id = $9)
    AND (CAST($10 AS TEXT) IS NULL OR a.ip = $10)
    AND @visible
ORDER BY a.seq DESC LIMIT $11;

-- name: audit_list_actor
@audit_row
FROM audit a
WHERE a.actor_id = $5 AND a.actor_kind IN (1, 2) AND a.seq < $1 AND a.seq >= $2 AND +a.at >= $3 AND +a.at < $4
    AND (CAST($6 AS TEXT) IS NULL OR a.action = $6) AND (CAST($7 AS TEXT) IS NULL OR a.entity = $7)
    AND (CAST($8 AS BIGINT) IS NULL OR a.entity_id = $8) AND (CAST($9 AS BIGINT) IS NULL OR a.customer_id = $9)
    AND (CAST($10 AS TEXT) IS NULL OR a.ip = $10)
    AND @visible
ORDER BY a.seq DESC LIMIT $11;

-- name: audit_list_action
@audit_row
FROM audit a
WHERE a.action = $6 AND a.seq < $1 AND a.seq >= $2 AND +a.at >= $3 AND +a.at < $4
    AND (CAST($5 AS BIGINT) IS NULL OR (a.actor_id = $5 AND a.actor_kind IN (1, 2)))
    AND (CAST($7 AS TEXT) IS NULL OR a.entity = $7) AND (CAST($8 AS BIGINT) IS NULL OR a.entity_id = $8)
    AND (CAST($9 AS BIGINT) IS NULL OR a.customer_id = $9) AND (CAST($10 AS TEXT) IS NULL OR a.ip = $10)
    AND @visible
ORDER BY a.seq DESC LIMIT $11;

-- name: audit_list_entity
@audit_row
FROM audit a
WHERE a.entity = $7 AND a.entity_id = $8 AND a.seq < $1 AND a.seq >= $2 AND +a.at >= $3 AND +a.at < $4
    AND (CAST($5 AS BIGINT) IS NULL OR (a.actor_id = $5 AND a.actor_kind IN (1, 2)))
    AND (CAST($6 AS TEXT) IS NULL OR a.action = $6) AND (CAST($9 AS BIGINT) IS NULL OR a.customer_id = $9)
    AND (CAST($10 AS TEXT) IS NULL OR a.ip = $10)
    AND @visible
ORDER BY a.seq DESC LIMIT $11;

-- name: audit_list_customer
@audit_row
FROM audit a
WHERE a.customer_id = $9 AND a.seq < $1 AND a.seq >= $2 AND +a.at >= $3 AND +a.at < $4
    AND (CAST($5 AS BIGINT) IS NULL OR (a.actor_id = $5 AND a.actor_kind IN (1, 2)))
    AND (CAST($6 AS TEXT) IS NULL OR a.action = $6) AND (CAST($7 AS TEXT) IS NULL OR a.entity = $7)
    AND (CAST($8 AS BIGINT) IS NULL OR a.entity_id = $8) AND (CAST($10 AS TEXT) IS NULL OR a.ip = $10)
    AND @visible
ORDER BY a.seq DESC LIMIT $11;

-- name: audit_list_ip
@audit_row
FROM audit a
WHERE a.ip = $10 AND a.seq < $1 AND a.seq >= $2 AND +a.at >= $3 AND +a.at < $4
    AND (CAST($5 AS BIGINT) IS NULL OR (a.actor_id = $5 AND a.actor_kind IN (1, 2)))
    AND (CAST($6 AS TEXT) IS NULL OR a.action = $6) AND (CAST($7 AS TEXT) IS NULL OR a.entity = $7)
    AND (CAST($8 AS BIGINT) IS NULL OR a.entity_id = $8) AND (CAST($9 AS BIGINT) IS NULL OR a.customer_id = $9)
    AND @visible
ORDER BY a.seq DESC LIMIT $11;

-- name: audit_get
@audit_row,
    a.hash, d.before, d.after, CASE WHEN a.detail_hash IS NOT NULL AND d.seq IS NULL THEN TRUE ELSE FALSE END AS blanked
FROM audit a LEFT JOIN audit_detail d ON d.seq = a.seq WHERE a.seq = $1 AND @visible;

-- name: audit_seq_at
SELECT seq FROM audit WHERE at >= $1 ORDER BY at, seq LIMIT 1;

-- name: audit_actions
WITH RECURSIVE each(action) AS
    (SELECT min(action) FROM audit
     UNION ALL
     SELECT (SELECT min(a.action) FROM audit a WHERE a.action > each.action) FROM each WHERE each.action IS NOT NULL)
SELECT action FROM each WHERE action IS NOT NULL ORDER BY action LIMIT 1000;

-- name: audit_verification
SELECT j.id AS job_id, j.state, j.done, j.total, j.created_at, j.finished_at, s.name AS by_name, j.last_error, j.result
FROM job j LEFT JOIN staff s ON s.id = j.by_staff_id
WHERE j.kind = 'audit_verify' ORDER BY j.id DESC LIMIT 1;
