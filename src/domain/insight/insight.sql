-- People as the engine is told of them: living ones of a range of numbers.
-- name: insight_people
SELECT c.id, c.gender, c.city, c.channel, st.key, c.department_id, c.staff_id, c.birthday, c.joined_at, c.seen_at,
    (SELECT max(x.at) FROM stage_change x WHERE x.customer_id = c.id AND x.to_id = c.stage_id), c.attrs,
    s.order_count, s.order_fen, s.first_at, s.last_at, s.refund_count, s.refund_fen,
    f.tier, f.class, f.r, f.f, f.m, f.total, v.alive_ppm, v.orders_90_ppm, v.amount_90_fen
FROM customer c LEFT JOIN stage st ON st.id = c.stage_id LEFT JOIN customer_sales s ON s.customer_id = c.id
    LEFT JOIN rfm_current f ON f.customer_id = c.id LEFT JOIN value_current v ON v.customer_id = c.id
WHERE c.id >= $1 AND c.id <= $2 AND c.merged_into IS NULL AND c.erased_at IS NULL ORDER BY c.id LIMIT $3;

-- name: insight_tags
SELECT customer_id, tag_id FROM customer_tag WHERE customer_id >= $1 AND customer_id <= $2 ORDER BY customer_id;

-- name: insight_identities
SELECT customer_id, kind FROM identity WHERE customer_id >= $1 AND customer_id <= $2 ORDER BY customer_id, kind;

-- name: insight_consents
SELECT customer_id, channel, state FROM consent WHERE customer_id >= $1 AND customer_id <= $2 ORDER BY customer_id;

-- name: insight_attributes
SELECT key, type FROM attribute_def ORDER BY id;

-- Who is not told as themselves.
-- name: insight_joined
SELECT id, merged_into FROM customer WHERE merged_into IS NOT NULL;

-- name: insight_erased
SELECT id FROM customer WHERE erased_at IS NOT NULL;

-- The first erasure after a fact; 0: none.
-- name: insight_erased_after
SELECT coalesce(min(e.seq), 0) FROM event e JOIN event_type t ON t.id = e.type_id
WHERE e.seq > $1 AND t.name = 'customer.erased';

-- name: insight_rfm_run
SELECT coalesce(max(id), 0) FROM rfm_run WHERE state = 'current';

-- name: insight_value_run
SELECT coalesce(max(id), 0) FROM value_run WHERE state = 'current';

-- When the log began.
-- name: insight_log_begin
SELECT received_ms FROM event ORDER BY seq LIMIT 1;

-- name: insight_event_count
SELECT count(*) FROM event WHERE seq > $1;

-- name: insight_scope
SELECT department_id FROM staff_scope WHERE staff_id = $1 ORDER BY department_id;

-- name: insight_below
SELECT d.id FROM department d JOIN department top ON top.id = $1 AND d.path >= top.path AND d.path < top.path || '~' ORDER BY d.id;

-- name: insight_tag_key
SELECT id FROM tag WHERE key = $1;

-- name: insight_tag_id
SELECT id FROM tag WHERE id = $1;

-- name: insight_lists
SELECT m.customer_id, m.segment_id FROM segment_member m JOIN segment s ON s.id = m.segment_id
WHERE m.customer_id >= $1 AND m.customer_id <= $2 AND s.kind = 'list' ORDER BY m.customer_id;
