-- name: dashboard_known
SELECT count(*) FROM customer c WHERE c.joined_at < $1 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c);

-- name: dashboard_joined
SELECT count(*) FROM customer c
WHERE c.joined_at >= $1 AND c.joined_at < $2 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c);

-- Who is there more than once was lost more than once: the last time counts.
-- name: dashboard_lost
SELECT count(*) FROM (
    SELECT x.customer_id, max(x.at) AS at FROM stage_change x
    WHERE x.to_id = (SELECT id FROM stage WHERE key = 'lost') AND x.at >= $1 GROUP BY x.customer_id) x
    JOIN customer c ON c.id = x.customer_id AND c.stage_id = (SELECT id FROM stage WHERE key = 'lost')
WHERE x.at < $2 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c);

-- name: dashboard_orders
SELECT count(*), coalesce(sum(o.amount_fen), 0), coalesce(sum(CASE WHEN o.customer_id IS NULL THEN o.amount_fen END), 0)
FROM sales_order o WHERE o.ordered_at >= $1 AND o.ordered_at < $2 AND @scope(o);

-- name: dashboard_refunds
SELECT coalesce(sum(f.amount_fen), 0) FROM refund f WHERE f.refunded_at >= $1 AND f.refunded_at < $2 AND @scope(f);

-- name: dashboard_buyers
SELECT count(*), coalesce(sum(CASE WHEN s.first_at >= $1 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN s.first_at < $1 THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN s.first_at < $1 OR b.orders > 1 THEN 1 ELSE 0 END), 0)
FROM (SELECT o.customer_id, count(*) AS orders FROM sales_order o
      WHERE o.ordered_at >= $1 AND o.ordered_at < $2 AND o.customer_id IS NOT NULL AND @scope(o) GROUP BY o.customer_id) b
    JOIN customer_sales s ON s.customer_id = b.customer_id;

-- name: dashboard_departments
SELECT x.department_id, d.name AS department_name, sum(x.orders) AS orders, sum(x.fen) AS sales_fen, sum(x.buyers) AS buyers,
    sum(x.people) AS new_customers
FROM (SELECT o.department_id, count(*) AS orders, sum(o.amount_fen) AS fen, count(DISTINCT o.customer_id) AS buyers, 0 AS people
      FROM sales_order o WHERE o.ordered_at >= $1 AND o.ordered_at < $2 AND @scope(o) GROUP BY o.department_id
      UNION ALL
      SELECT c.department_id, 0, 0, 0, count(*) FROM customer c
      WHERE c.joined_at >= $1 AND c.joined_at < $2 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)
      GROUP BY c.department_id) x
    LEFT JOIN department d ON d.id = x.department_id
GROUP BY x.department_id, d.name ORDER BY sales_fen DESC, new_customers DESC, x.department_id LIMIT $3;

-- name: dashboard_products
SELECT x.product_id, p.code AS product_code, p.name AS product_name, x.quantity_milli, x.fen AS sales_fen
FROM (SELECT l.product_id, sum(l.quantity_milli) AS quantity_milli, sum(l.amount_fen) AS fen
      FROM sales_order o JOIN order_line l ON l.order_id = o.id
      WHERE o.ordered_at >= $1 AND o.ordered_at < $2 AND @scope(o)
      GROUP BY l.product_id ORDER BY 3 DESC, 1 LIMIT $3) x JOIN product p ON p.id = x.product_id
ORDER BY x.fen DESC, x.product_id;
