-- name: product_by_code
SELECT id FROM product WHERE code = $1;

-- name: product_insert
INSERT INTO product (code, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING RETURNING id;

-- name: order_insert
INSERT INTO sales_order (source, number, customer_id, department_id, staff_id, channel, ordered_at, amount_fen, line_count, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (source, number) DO NOTHING RETURNING id;

-- name: order_find
SELECT id, customer_id FROM sales_order WHERE source = $1 AND number = $2;

-- name: order_lines_known
SELECT l.line_no, p.code, l.quantity_milli, l.price_micro, l.amount_fen FROM order_line l JOIN product p ON p.id = l.product_id
WHERE l.order_id = $1;

-- name: order_line_insert
INSERT INTO order_line (order_id, line_no, product_id, quantity_milli, price_micro, amount_fen) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (order_id, line_no) DO NOTHING;

-- name: order_recount
UPDATE sales_order SET
    amount_fen = (SELECT coalesce(sum(l.amount_fen), 0) FROM order_line l WHERE l.order_id = sales_order.id),
    line_count = (SELECT count(*) FROM order_line l WHERE l.order_id = sales_order.id),
    ordered_at = CASE WHEN $2 < ordered_at THEN $2 ELSE ordered_at END
WHERE id = $1 RETURNING amount_fen;

-- name: refund_insert
INSERT INTO refund (source, number, customer_id, department_id, staff_id, channel, refunded_at, amount_fen, line_count, created_at,
    order_number)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (source, number) DO NOTHING RETURNING id;

-- name: refund_name_order
UPDATE refund SET order_number = $2 WHERE id = $1 AND order_number IS NULL;

-- name: refund_find
SELECT id, customer_id FROM refund WHERE source = $1 AND number = $2;

-- name: refund_lines_known
SELECT l.line_no, p.code, l.quantity_milli, l.price_micro, l.amount_fen FROM refund_line l JOIN product p ON p.id = l.product_id
WHERE l.refund_id = $1;

-- name: refund_line_insert
INSERT INTO refund_line (refund_id, line_no, product_id, quantity_milli, price_micro, amount_fen)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (refund_id, line_no) DO NOTHING;

-- name: refund_recount
UPDATE refund SET
    amount_fen = (SELECT coalesce(sum(l.amount_fen), 0) FROM refund_line l WHERE l.refund_id = refund.id),
    line_count = (SELECT count(*) FROM refund_line l WHERE l.refund_id = refund.id),
    refunded_at = CASE WHEN $2 < refunded_at THEN $2 ELSE refunded_at END
WHERE id = $1 RETURNING amount_fen;

-- name: sales_recount
INSERT INTO customer_sales (customer_id, order_count, order_fen, refund_count, refund_fen, first_at, last_at, last_order_id)
SELECT CAST($1 AS BIGINT), o.n, o.fen, r.n, r.fen, o.first_at, o.last_at,
    (SELECT id FROM sales_order WHERE customer_id = $1 ORDER BY ordered_at DESC, id DESC LIMIT 1)
FROM (SELECT count(*) AS n, coalesce(sum(amount_fen), 0) AS fen, min(ordered_at) AS first_at, max(ordered_at) AS last_at
      FROM sales_order WHERE customer_id = $1) o
CROSS JOIN (SELECT count(*) AS n, coalesce(sum(amount_fen), 0) AS fen FROM refund WHERE customer_id = $1) r
WHERE TRUE
ON CONFLICT (customer_id) DO UPDATE SET order_count = excluded.order_count, order_fen = excluded.order_fen,
    refund_count = excluded.refund_count, refund_fen = excluded.refund_fen, first_at = excluded.first_at,
    last_at = excluded.last_at, last_order_id = excluded.last_order_id;

-- name: sales_begin
INSERT INTO customer_sales (customer_id, order_count, order_fen, refund_count, refund_fen) VALUES ($1, 0, 0, 0, 0)
ON CONFLICT (customer_id) DO NOTHING;

-- name: orders_note
INSERT INTO merge_move (merge_id, kind, row_id) SELECT $1, 'order', id FROM sales_order WHERE customer_id = $2;

-- name: orders_move
UPDATE sales_order SET customer_id = $2 WHERE customer_id = $1;

-- name: orders_back
UPDATE sales_order SET customer_id = $2 WHERE id IN (SELECT row_id FROM merge_move WHERE merge_id = $1 AND kind = 'order');

-- name: refunds_note
INSERT INTO merge_move (merge_id, kind, row_id) SELECT $1, 'refund', id FROM refund WHERE customer_id = $2;

-- name: refunds_move
UPDATE refund SET customer_id = $2 WHERE customer_id = $1;

-- name: refunds_back
UPDATE refund SET customer_id = $2 WHERE id IN (SELECT row_id FROM merge_move WHERE merge_id = $1 AND kind = 'refund');

-- name: orders_tell
SELECT number, ordered_at, amount_fen, channel, CAST(NULL AS TEXT) AS order_number FROM sales_order WHERE customer_id = $1 ORDER BY ordered_at, id;

-- name: refunds_tell
SELECT number, refunded_at, amount_fen, channel, order_number FROM refund WHERE customer_id = $1 ORDER BY refunded_at, id;
