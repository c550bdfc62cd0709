-- name: audit_head
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1;

-- name: audit_lock
SELECT 1;

-- name: audit_lock @pg
SELECT 1 FROM (SELECT pg_advisory_xact_lock(7205759403792794)) x;

-- name: audit_insert
INSERT INTO audit (seq, at, actor_kind, actor_id, actor_name, ip, request_id, action, entity, entity_id, customer_id,
    detail_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: audit_detail_insert
INSERT INTO audit_detail (seq, before, after) VALUES ($1, $2, $3);

-- name: audit_head_put
INSERT INTO audit_head (id, seq, mac) VALUES (1, $1, $2)
ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, mac = excluded.mac;

-- name: audit_head_get
SELECT seq, mac FROM audit_head WHERE id = 1;

-- name: audit_walk
SELECT a.seq, a.at, a.actor_kind, a.actor_id, a.actor_name, a.ip, a.request_id, a.action, a.entity, a.entity_id,
    a.customer_id, a.detail_hash, a.hash, d.before, d.after, d.seq AS detail_seq
FROM audit a LEFT JOIN audit_detail d ON d.seq = a.seq
WHERE a.seq > $1 ORDER BY a.seq LIMIT $2;

-- name: audit_last
SELECT seq FROM audit ORDER BY seq DESC LIMIT 1;

-- name: audit_blank
DELETE FROM audit_detail WHERE seq IN (SELECT seq FROM audit WHERE customer_id = $1);

-- name: audit_blanked
SELECT customer_id FROM audit WHERE action = 'audit.blank' AND customer_id = $1 LIMIT 1;
