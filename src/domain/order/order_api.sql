-- name: order_list
SELECT o.id, o.source, o.number, o.customer_id, c.name AS customer_name, o.department_id, o.staff_id, o.channel, o.ordered_at,
    o.amount_fen, o.line_count
FROM sales_order o LEFT JOIN customer c ON c.id = o.customer_id
WHERE (CAST($1 AS BIGINT) IS NULL OR o.department_id = $1) AND o.ordered_at >= coalesce(CAST($2 AS BIGINT), 0)
    AND (o.ordered_at < $3 OR (o.ordered_at = $3 AND o.id < $4)) AND @scope(o)
ORDER BY o.ordered_at DESC, o.id DESC LIMIT $5;

-- name: order_list_of
SELECT o.id, o.source, o.number, o.customer_id, c.name AS customer_name, o.department_id, o.staff_id, o.channel, o.ordered_at,
    o.amount_fen, o.line_count
FROM sales_order o JOIN customer c ON c.id = o.customer_id
WHERE o.customer_id = $1 AND o.ordered_at >= coalesce(CAST($2 AS BIGINT), 0)
    AND (o.ordered_at < $3 OR (o.ordered_at = $3 AND o.id < $4)) AND @scope(c)
ORDER BY o.ordered_at DESC, o.id DESC LIMIT $5;

-- name: order_by_id
SELECT o.id, o.source, o.number, o.customer_id, c.name AS customer_name, o.department_id, o.staff_id, o.channel, o.ordered_at,
    o.amount_fen, o.line_count
FROM sales_order o LEFT JOIN customer c ON c.id = o.customer_id
WHERE o.id = $1 AND (@scope(o) OR @scope(c));

-- name: order_lines
SELECT l.line_no, p.code AS product_code, p.name AS product_name, l.quantity_milli, l.price_micro, l.amount_fen
FROM order_line l JOIN product p ON p.id = l.product_id WHERE l.order_id = $1 ORDER BY l.line_no;

-- name: refund_list_of
SELECT r.id, r.source, r.number, r.customer_id, r.refunded_at, r.amount_fen, r.line_count, r.order_number,
    (SELECT o.id FROM sales_order o LEFT JOIN customer c ON c.id = o.customer_id
     WHERE o.source = r.source AND o.number = r.order_number AND (@scope(o) OR @scope(c))) AS order_id
FROM refund r WHERE r.customer_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3;
