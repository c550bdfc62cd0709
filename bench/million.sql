-- A million customers with an identifier, a tag, figures of sales and the fact of having come, written beside the rules: for
-- measuring lists and starting. The same each time. :tag is the first of four tags of one group.
PRAGMA synchronous = OFF;
PRAGMA foreign_keys = OFF;
PRAGMA cache_size = -400000;
BEGIN;
CREATE TEMP TABLE n (i INTEGER PRIMARY KEY, spread INTEGER NOT NULL);  -- spread: every residue about equally often, unlike i
INSERT INTO n WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000000) SELECT i, i * 7919 % 1000003 FROM c;
CREATE TEMP TABLE at AS SELECT coalesce((SELECT max(id) FROM customer), 0) AS base, (SELECT min(first_seen_at) FROM event_type) AS now;

INSERT INTO customer (id, name, gender, city, attrs, stage_id, department_id, joined_at, seen_at, created_at)
SELECT base + i, substr('赵钱孙李周吴郑王冯陈', spread % 10 + 1, 1) || i, CASE spread % 3 WHEN 0 THEN 'male' ELSE 'female' END, 'city-' || spread % 40, '{}',
  spread % 5 + 1, 1, now - i * 31000, now - spread * 29000, now - i * 31000 FROM n, at ORDER BY i;
INSERT INTO identity (customer_id, kind, scope, value_key, verified, origin, created_at)
SELECT base + i, 'external', 'user', 'c-' || i, 1, 'import', now FROM n, at ORDER BY i;
INSERT INTO customer_tag (customer_id, tag_id, source, at) SELECT base + i, :tag + spread % 4, 'import', now FROM n, at ORDER BY i;
INSERT INTO customer_sales (customer_id, order_count, order_fen, refund_count, refund_fen, first_at, last_at)
SELECT base + i, spread % 23, spread % 23 * (1000 + spread % 30000), 0, 0, now - i * 31000, now - spread * 29000 FROM n, at ORDER BY i;
INSERT INTO event (xid, customer_id, type_id, at_ms, received_ms, source_id, actor, props)
SELECT 0, base + i, (SELECT id FROM event_type WHERE name = 'customer.created'), now - i, now, 0, 'import', '{}' FROM n, at ORDER BY i;
UPDATE subscriber SET cursor_seq = (SELECT max(seq) FROM event);  -- every subscriber has seen them
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
