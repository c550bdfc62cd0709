-- name: condition_below
SELECT d.id FROM department d JOIN department top ON top.id = $1 AND d.path >= top.path AND d.path < top.path || '~';

-- name: condition_attribute
SELECT type FROM attribute_def WHERE key = $1;

-- name: condition_tag_key
SELECT id FROM tag WHERE key = $1;

-- name: condition_tag_id
SELECT id FROM tag WHERE id = $1;

-- name: condition_stage
SELECT id FROM stage WHERE key = $1;

-- name: profile_customer
SELECT c.name, c.gender, c.city, c.channel, st.key, c.department_id, c.staff_id, c.birthday, c.joined_at, c.seen_at,
    (SELECT max(x.at) FROM stage_change x WHERE x.customer_id = c.id AND x.to_id = c.stage_id), c.attrs,
    s.order_count, s.order_fen, s.first_at, s.last_at, s.refund_count, s.refund_fen,
    f.tier, f.class, f.r, f.f, f.m, f.total
FROM customer c LEFT JOIN stage st ON st.id = c.stage_id LEFT JOIN customer_sales s ON s.customer_id = c.id
    LEFT JOIN rfm_current f ON f.customer_id = c.id
WHERE c.id = $1 AND c.merged_into IS NULL AND c.erased_at IS NULL;

-- name: profile_tags
SELECT tag_id FROM customer_tag WHERE customer_id = $1;

-- name: condition_segment
SELECT id FROM segment WHERE id = $1;

-- name: profile_segment
SELECT 1 FROM segment_member WHERE segment_id = $1 AND customer_id = $2;

-- name: profile_identity
SELECT 1 FROM identity WHERE customer_id = $1 AND kind = $2 LIMIT 1;

-- name: profile_consent
SELECT state FROM consent WHERE customer_id = $1 AND channel = $2;

-- name: profile_orders_within
SELECT count(*), coalesce(sum(amount_fen), 0), min(ordered_at) FROM sales_order WHERE customer_id = $1 AND ordered_at > $2 AND ordered_at <= $3;

-- name: profile_refunds_within
SELECT count(*), coalesce(sum(amount_fen), 0), min(refunded_at) FROM refund WHERE customer_id = $1 AND refunded_at > $2 AND refunded_at <= $3;
