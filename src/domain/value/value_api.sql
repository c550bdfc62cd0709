-- name: value_run_list
SELECT id, state, reference_at, people, repeaters, reason, model, baskets, products, by_name, created_at, finished_at FROM value_run
WHERE id < $1 AND state <> 'left' ORDER BY id DESC LIMIT $2;

-- name: value_run_newest
SELECT id, state, reference_at, people, repeaters, reason, model, baskets, products, by_name, created_at, finished_at FROM value_run
WHERE state = 'current';

-- name: value_job_state
SELECT id, state, done, total, last_error AS error FROM job WHERE dedupe_key = $1;

-- name: value_spread
SELECT v.cell, count(*), CAST(sum(v.orders_30_ppm) AS DOUBLE PRECISION) / 1000000,
    CAST(sum(v.orders_90_ppm) AS DOUBLE PRECISION) / 1000000, CAST(sum(v.orders_365_ppm) AS DOUBLE PRECISION) / 1000000,
    sum(v.amount_30_fen), sum(v.amount_90_fen), sum(v.amount_365_fen), sum(v.at_risk_fen)
FROM value_current v JOIN customer c ON c.id = v.customer_id
WHERE c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c) GROUP BY v.cell ORDER BY v.cell;

-- name: value_churn
SELECT c.id, c.name, c.department_id, c.staff_id, v.repeats + 1 AS order_days, v.last_at AS last_order_at, v.net_fen,
    CAST(v.alive_ppm AS DOUBLE PRECISION) / 1000000 AS alive, CAST(1000000 - v.alive_ppm AS DOUBLE PRECISION) / 1000000 AS churn,
    v.year_fen, v.at_risk_fen, CAST(v.orders_90_ppm AS DOUBLE PRECISION) / 1000000 AS orders_90, v.amount_90_fen
FROM value_current v JOIN customer c ON c.id = v.customer_id
WHERE v.at_risk_fen > 0 AND v.at_risk_fen <= $1 AND (v.at_risk_fen < $1 OR v.customer_id < $2)
    AND v.year_fen >= $3 AND v.alive_ppm <= $4 AND v.alive_ppm >= $5 AND v.last_at >= $6
    AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)
ORDER BY v.at_risk_fen DESC, v.customer_id DESC LIMIT $7;

-- name: value_of
SELECT v.repeats + 1 AS order_days, v.first_at AS first_order_at, v.last_at AS last_order_at, v.net_fen, v.mean_fen,
    CAST(v.alive_ppm AS DOUBLE PRECISION) / 1000000 AS alive, CAST(1000000 - v.alive_ppm AS DOUBLE PRECISION) / 1000000 AS churn,
    CAST(v.orders_30_ppm AS DOUBLE PRECISION) / 1000000 AS orders_30, CAST(v.orders_90_ppm AS DOUBLE PRECISION) / 1000000 AS orders_90,
    CAST(v.orders_365_ppm AS DOUBLE PRECISION) / 1000000 AS orders_365, v.amount_30_fen, v.amount_90_fen, v.amount_365_fen,
    v.year_fen, v.at_risk_fen, v.decile
FROM value_current v WHERE v.customer_id = $1;

-- name: value_tell
SELECT r.reference_at, v.repeats, v.net_fen, v.mean_fen, v.alive_ppm, v.orders_30_ppm, v.orders_90_ppm, v.orders_365_ppm,
    v.amount_30_fen, v.amount_90_fen, v.amount_365_fen, v.year_fen, v.at_risk_fen, v.decile
FROM value_current v JOIN value_run r ON r.state = 'current' WHERE v.customer_id = $1;

-- name: value_forget_person
DELETE FROM value_person WHERE customer_id = $1;

-- name: value_product
SELECT id FROM product WHERE id = $1;

-- name: value_next_of
SELECT v.other_id AS product_id, p.code, p.name, v.buyers, CAST(v.support_ppm AS DOUBLE PRECISION) / 1000000 AS support,
    CAST(v.confidence_ppm AS DOUBLE PRECISION) / 1000000 AS confidence, CAST(v.lift_ppm AS DOUBLE PRECISION) / 1000000 AS lift
FROM value_pair v JOIN product p ON p.id = v.other_id
WHERE v.run_id = (SELECT c.id FROM value_run c WHERE c.state = 'current') AND v.product_id = $1 ORDER BY v.place;

-- What goes with something the person kept, better than by chance, and was neither bought nor given back by them. The reason is
-- what it goes with best.
-- name: value_next_for
WITH bought AS (
    SELECT l.product_id, sum(l.quantity_milli) AS quantity FROM sales_order o JOIN order_line l ON l.order_id = o.id
    WHERE o.customer_id = $1 GROUP BY l.product_id),
returned AS (
    SELECT x.product_id, sum(x.quantity_milli) AS quantity FROM refund r JOIN refund_line x ON x.refund_id = r.id
    WHERE r.customer_id = $1 GROUP BY x.product_id),
pairs AS (
    SELECT v.other_id, v.product_id, v.lift_ppm, sum(v.confidence_ppm) OVER (PARTITION BY v.other_id) AS score,
        row_number() OVER (PARTITION BY v.other_id ORDER BY v.confidence_ppm DESC, v.product_id) AS place
    FROM value_pair v JOIN bought b ON b.product_id = v.product_id LEFT JOIN returned g ON g.product_id = v.product_id
    WHERE v.run_id = (SELECT c.id FROM value_run c WHERE c.state = 'current') AND v.lift_ppm > 1000000
        AND b.quantity > coalesce(g.quantity, 0)
        AND v.other_id NOT IN (SELECT product_id FROM bought) AND v.other_id NOT IN (SELECT product_id FROM returned))
SELECT q.other_id AS product_id, p.code, p.name, q.product_id AS because_id, w.code AS because_code, w.name AS because_name,
    CAST(q.lift_ppm AS DOUBLE PRECISION) / 1000000 AS lift
FROM pairs q JOIN product p ON p.id = q.other_id JOIN product w ON w.id = q.product_id
WHERE q.place = 1 ORDER BY q.score DESC, q.other_id LIMIT 10;

-- name: value_backtest_list
SELECT id, split_day, end_day, result, by_name, created_at FROM value_backtest WHERE id < $1 ORDER BY id DESC LIMIT $2;

-- name: value_backtest_by_id
SELECT id, split_day, end_day, result, by_name, created_at FROM value_backtest WHERE id = $1;

-- name: value_reference
SELECT max(reference_at) FROM value_run WHERE state = 'current';

-- name: value_job_open
SELECT id FROM job WHERE dedupe_key = $1;
