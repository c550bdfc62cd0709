-- Orders by person and time; the unary plus keeps SQLite from entering by time, the index by customer has them in order.
-- name: value_orders
SELECT customer_id, ordered_at, sum(amount_fen) FROM sales_order
WHERE (customer_id, ordered_at) > ($1, $2) AND +ordered_at > $3 AND +ordered_at <= $4
GROUP BY customer_id, ordered_at ORDER BY customer_id, ordered_at LIMIT $5;

-- name: value_refunds
SELECT customer_id, sum(amount_fen) FROM refund
WHERE customer_id > $1 AND +refunded_at <= $2 GROUP BY customer_id ORDER BY customer_id LIMIT $3;

-- name: value_erased
SELECT id FROM customer WHERE id > $1 AND erased_at IS NOT NULL ORDER BY id LIMIT $2;

-- What each of these people bought and did not give back, and when last. What cost nothing was not chosen.
-- name: value_bought
SELECT o.customer_id, l.product_id, max(o.ordered_at) FROM sales_order o JOIN order_line l ON l.order_id = o.id
WHERE o.customer_id > $1 AND o.customer_id <= $2 AND +o.ordered_at > $3 AND +o.ordered_at <= $4 AND l.amount_fen > 0
GROUP BY o.customer_id, l.product_id
HAVING sum(l.quantity_milli) > coalesce((SELECT sum(x.quantity_milli) FROM refund r JOIN refund_line x ON x.refund_id = r.id
    WHERE r.customer_id = o.customer_id AND x.product_id = l.product_id AND r.refunded_at <= $4), 0)
ORDER BY o.customer_id, l.product_id;

-- name: value_run_abandon
UPDATE value_run SET state = 'left' WHERE state = 'writing';

-- name: value_run_insert
INSERT INTO value_run (state, reference_at, people, repeaters, reason, model, by_name, created_at)
VALUES ('writing', $1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- name: value_run_mine
SELECT id FROM value_run WHERE id = $1 AND state = 'writing';

-- name: value_run_pass
UPDATE value_run SET state = 'past' WHERE state = 'current';

-- name: value_run_switch
UPDATE value_run SET state = 'current', finished_at = $2, baskets = $3, products = $4 WHERE id = $1 AND state = 'writing';

-- name: value_run_current
SELECT coalesce(max(id), 0) FROM value_run WHERE state = 'current';

-- name: value_run_over
SELECT min(id) FROM value_run WHERE kept AND state IN ('past', 'left');

-- name: value_people_remove
DELETE FROM value_person WHERE run_id = $1 AND customer_id IN
    (SELECT customer_id FROM value_person WHERE run_id = $1 ORDER BY customer_id LIMIT $2);

-- name: value_pairs_remove
DELETE FROM value_pair WHERE run_id = $1 AND product_id IN
    (SELECT product_id FROM value_pair WHERE run_id = $1 ORDER BY product_id LIMIT $2);

-- name: value_run_empty
UPDATE value_run SET kept = FALSE WHERE id = $1;

-- name: value_runs_prune
DELETE FROM value_run WHERE NOT kept AND (state = 'left' OR id <= (SELECT id FROM value_run ORDER BY id DESC LIMIT 1 OFFSET $1));

-- Rows of a batch, each a list in the list $2: one statement, however far the server is.
-- name: value_people_insert
INSERT INTO value_person (run_id, customer_id, repeats, first_at, last_at, net_fen, mean_fen, alive_ppm, orders_30_ppm, orders_90_ppm,
    orders_365_ppm, amount_30_fen, amount_90_fen, amount_365_fen, year_fen, at_risk_fen, decile, cell)
SELECT $1, CAST(p.value ->> 0 AS BIGINT), CAST(p.value ->> 1 AS BIGINT), CAST(p.value ->> 2 AS BIGINT), CAST(p.value ->> 3 AS BIGINT),
    CAST(p.value ->> 4 AS BIGINT), CAST(p.value ->> 5 AS BIGINT), CAST(p.value ->> 6 AS BIGINT), CAST(p.value ->> 7 AS BIGINT),
    CAST(p.value ->> 8 AS BIGINT), CAST(p.value ->> 9 AS BIGINT), CAST(p.value ->> 10 AS BIGINT), CAST(p.value ->> 11 AS BIGINT),
    CAST(p.value ->> 12 AS BIGINT), CAST(p.value ->> 13 AS BIGINT), CAST(p.value ->> 14 AS BIGINT), CAST(p.value ->> 15 AS BIGINT),
    CAST(p.value ->> 16 AS BIGINT)
FROM json_each($2) p JOIN customer c ON c.id = CAST(p.value ->> 0 AS BIGINT) AND c.erased_at IS NULL;

-- name: value_people_insert @pg
INSERT INTO value_person (run_id, customer_id, repeats, first_at, last_at, net_fen, mean_fen, alive_ppm, orders_30_ppm, orders_90_ppm,
    orders_365_ppm, amount_30_fen, amount_90_fen, amount_365_fen, year_fen, at_risk_fen, decile, cell)
SELECT $1, CAST(p.value ->> 0 AS BIGINT), CAST(p.value ->> 1 AS BIGINT), CAST(p.value ->> 2 AS BIGINT), CAST(p.value ->> 3 AS BIGINT),
    CAST(p.value ->> 4 AS BIGINT), CAST(p.value ->> 5 AS BIGINT), CAST(p.value ->> 6 AS BIGINT), CAST(p.value ->> 7 AS BIGINT),
    CAST(p.value ->> 8 AS BIGINT), CAST(p.value ->> 9 AS BIGINT), CAST(p.value ->> 10 AS BIGINT), CAST(p.value ->> 11 AS BIGINT),
    CAST(p.value ->> 12 AS BIGINT), CAST(p.value ->> 13 AS BIGINT), CAST(p.value ->> 14 AS BIGINT), CAST(p.value ->> 15 AS BIGINT),
    CAST(p.value ->> 16 AS BIGINT)
FROM json_array_elements(CAST($2 AS JSON)) p (value) JOIN customer c ON c.id = CAST(p.value ->> 0 AS BIGINT) AND c.erased_at IS NULL;

-- name: value_pairs_insert
INSERT INTO value_pair (run_id, product_id, place, other_id, buyers, support_ppm, confidence_ppm, lift_ppm)
SELECT $1, CAST(p.value ->> 0 AS BIGINT), CAST(p.value ->> 1 AS BIGINT), CAST(p.value ->> 2 AS BIGINT), CAST(p.value ->> 3 AS BIGINT),
    CAST(p.value ->> 4 AS BIGINT), CAST(p.value ->> 5 AS BIGINT), CAST(p.value ->> 6 AS BIGINT)
FROM json_each($2) p;

-- name: value_pairs_insert @pg
INSERT INTO value_pair (run_id, product_id, place, other_id, buyers, support_ppm, confidence_ppm, lift_ppm)
SELECT $1, CAST(p.value ->> 0 AS BIGINT), CAST(p.value ->> 1 AS BIGINT), CAST(p.value ->> 2 AS BIGINT), CAST(p.value ->> 3 AS BIGINT),
    CAST(p.value ->> 4 AS BIGINT), CAST(p.value ->> 5 AS BIGINT), CAST(p.value ->> 6 AS BIGINT)
FROM json_array_elements(CAST($2 AS JSON)) p (value);

-- name: value_backtest_insert
INSERT INTO value_backtest (split_day, end_day, result, by_name, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id;

-- name: value_backtests_prune
DELETE FROM value_backtest WHERE id <= (SELECT id FROM value_backtest ORDER BY id DESC LIMIT 1 OFFSET $1);
