-- A million customers with an identifier, a tag, figures of sales and the fact of having come, written beside the rules: for
-- measuring lists and starting. The same each time. :tag is the first of four tags of one group.
PRAGMA synchronous = OFF;
PRAGMA foreign_keys = OFF;
PRAGMA cache_size = -400000;
BEGIN;
-- a, b, c, d: numbers without order, each its own, so that no filter knows anything of another or of the order of a list.
CREATE TEMP TABLE n (i INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL, c INTEGER NOT NULL, d INTEGER NOT NULL);
INSERT INTO n WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 1000000)
SELECT i, i * (i + 7919) % 1000003, i * (i + 104729) % 999983, i * (i + 611953) % 999979, i * (i + 15485863) % 999961 FROM k;
CREATE TEMP TABLE at AS SELECT coalesce((SELECT max(id) FROM customer), 0) AS base, (SELECT min(first_seen_at) FROM event_type) AS now;

INSERT INTO customer (id, name, gender, city, attrs, stage_id, department_id, joined_at, seen_at, created_at)
SELECT base + i, substr('赵钱孙李周吴郑王冯陈', a % 10 + 1, 1) || i, CASE a % 3 WHEN 0 THEN 'male' ELSE 'female' END, 'city-' || (b % 40), '{}',
  c % 5 + 1, 1, now - i * 31000, now - d * 29000, now - i * 31000 FROM n, at ORDER BY i;
INSERT INTO identity (customer_id, kind, scope, value_key, verified, origin, created_at)
SELECT base + i, 'external', 'user', 'c-' || i, 1, 'import', now FROM n, at ORDER BY i;
INSERT INTO customer_tag (customer_id, tag_id, source, at) SELECT base + i, :tag + d / 7 % 4, 'import', now FROM n, at ORDER BY i;
INSERT INTO customer_sales (customer_id, order_count, order_fen, refund_count, refund_fen, first_at, last_at)
SELECT base + i, b / 40 % 23, b / 40 % 23 * (1000 + c / 5 % 30000), 0, 0, now - i * 31000, now - d * 29000 FROM n, at ORDER BY i;
INSERT INTO event (xid, customer_id, type_id, at_ms, received_ms, source_id, actor, props)
SELECT 0, base + i, (SELECT id FROM event_type WHERE name = 'customer.created'), now - i, now, 0, 'import', '{}' FROM n, at ORDER BY i;
UPDATE subscriber SET cursor_seq = (SELECT max(seq) FROM event);  -- every subscriber has seen them
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
