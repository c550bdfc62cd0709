-- The unary plus keeps SQLite from entering by time: the index by customer gives the groups in order, and is all that is read.
-- name: rfm_population
SELECT customer_id, count(*), sum(amount_fen), max(ordered_at) FROM sales_order
WHERE customer_id > $1 AND +ordered_at <= $2 GROUP BY customer_id ORDER BY customer_id LIMIT $3;

-- name: rfm_refunds
SELECT customer_id, sum(amount_fen) FROM refund
WHERE customer_id > $1 AND +refunded_at <= $2 GROUP BY customer_id ORDER BY customer_id LIMIT $3;

-- name: rfm_run_abandon
UPDATE rfm_run SET state = 'left' WHERE state = 'writing';

-- name: rfm_run_left
SELECT min(id) FROM rfm_run WHERE state = 'left';

-- name: rfm_run_insert
INSERT INTO rfm_run (state, reference_at, options, cuts, means, people, by_name, created_at)
VALUES ('writing', $1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- name: rfm_run_mine
SELECT id FROM rfm_run WHERE id = $1 AND state = 'writing';

-- name: rfm_run_pass
UPDATE rfm_run SET state = 'past' WHERE state = 'current';

-- name: rfm_run_switch
UPDATE rfm_run SET state = 'current', finished_at = $2 WHERE id = $1 AND state = 'writing';

-- name: rfm_run_current
SELECT coalesce(max(id), 0) FROM rfm_run WHERE state = 'current';

-- What is still true of these people, in order.
-- name: rfm_standing
SELECT customer_id, since_run, last_at, frequency, monetary_fen, r, f, m, class, tier FROM rfm_score
WHERE customer_id > $1 AND customer_id <= $2 AND until_run = 9007199254740991 ORDER BY customer_id LIMIT $3;

-- Rows of a batch, each a list in the list $2: one statement, however far the server is.
-- name: rfm_scores_insert
INSERT INTO rfm_score (customer_id, since_run, until_run, last_at, frequency, monetary_fen, r, f, m, class, tier, untold)
SELECT CAST(p.value ->> 0 AS BIGINT), $1, 9007199254740991, CAST(p.value ->> 1 AS BIGINT), CAST(p.value ->> 2 AS BIGINT), CAST(p.value ->> 3 AS BIGINT),
    CAST(p.value ->> 4 AS BIGINT), CAST(p.value ->> 5 AS BIGINT), CAST(p.value ->> 6 AS BIGINT), p.value ->> 7, p.value ->> 8, p.value ->> 9 = 1
FROM json_each($2) p;

-- name: rfm_scores_insert @pg
INSERT INTO rfm_score (customer_id, since_run, until_run, last_at, frequency, monetary_fen, r, f, m, class, tier, untold)
SELECT CAST(p.value ->> 0 AS BIGINT), $1, 9007199254740991, CAST(p.value ->> 1 AS BIGINT), CAST(p.value ->> 2 AS BIGINT), CAST(p.value ->> 3 AS BIGINT),
    CAST(p.value ->> 4 AS BIGINT), CAST(p.value ->> 5 AS BIGINT), CAST(p.value ->> 6 AS BIGINT), p.value ->> 7, p.value ->> 8, p.value ->> 9 = '1'
FROM json_array_elements(CAST($2 AS JSON)) p (value);

-- name: rfm_score_close
UPDATE rfm_score SET until_run = $3 WHERE customer_id = $1 AND since_run = $2;

-- name: rfm_untold
SELECT s.customer_id, s.since_run, s.r, s.f, s.m, s.class, s.tier, o.class, o.tier
FROM rfm_score s LEFT JOIN rfm_score o ON o.customer_id = s.customer_id AND o.until_run = s.since_run
WHERE s.untold AND s.since_run <= $1 ORDER BY s.customer_id, s.since_run LIMIT $2;

-- All that the page before had, up to its last row.
-- name: rfm_told
UPDATE rfm_score SET untold = FALSE
WHERE untold AND since_run <= $1 AND customer_id <= $2 AND (customer_id < $2 OR since_run <= $3);

-- name: rfm_closed
SELECT until_run, customer_id FROM rfm_score WHERE until_run <= $1 AND until_run < 9007199254740991
ORDER BY until_run, customer_id LIMIT $2;

-- Who is scored no more, though still a person of their own: their orders went to another when a joining was undone.
-- name: rfm_gone
SELECT o.customer_id, o.class, o.tier FROM rfm_score o JOIN customer c ON c.id = o.customer_id AND c.merged_into IS NULL
WHERE o.until_run = $1 AND o.until_run < 9007199254740991 AND o.customer_id <= $2
    AND NOT EXISTS (SELECT 1 FROM rfm_score s WHERE s.customer_id = o.customer_id AND s.since_run = o.until_run);

-- name: rfm_past_keep
INSERT INTO rfm_past (customer_id, since_run, until_run, last_at, frequency, monetary_fen, r, f, m, class, tier)
SELECT customer_id, since_run, until_run, last_at, frequency, monetary_fen, r, f, m, class, tier FROM rfm_score
WHERE until_run = $1 AND until_run < 9007199254740991 AND customer_id <= $2;

-- name: rfm_past_take
DELETE FROM rfm_score WHERE until_run = $1 AND until_run < 9007199254740991 AND customer_id <= $2;

-- name: rfm_undo_rows
DELETE FROM rfm_score WHERE since_run = $1 AND customer_id IN
    (SELECT customer_id FROM rfm_score WHERE since_run = $1 ORDER BY customer_id LIMIT $2);

-- name: rfm_undo_closing
UPDATE rfm_score SET until_run = 9007199254740991 WHERE until_run = $1 AND until_run < 9007199254740991 AND customer_id IN
    (SELECT customer_id FROM rfm_score WHERE until_run = $1 AND until_run < 9007199254740991 ORDER BY customer_id LIMIT $2);

-- name: rfm_run_delete
DELETE FROM rfm_run WHERE id = $1;

-- Runs that ended before the history that is kept, and what was true until them.
-- name: rfm_runs_old
SELECT id FROM rfm_run r WHERE r.id > $1 AND r.state = 'past' AND r.finished_at < $2
    AND (EXISTS (SELECT 1 FROM rfm_past p WHERE p.until_run = r.id)
        OR (NOT EXISTS (SELECT 1 FROM rfm_past p WHERE p.since_run = r.id) AND NOT EXISTS (SELECT 1 FROM rfm_score s WHERE s.since_run = r.id)))
ORDER BY r.id LIMIT 1;

-- name: rfm_runs_thin
UPDATE rfm_run SET whole = FALSE WHERE id < $1 AND whole;

-- name: rfm_past_remove
DELETE FROM rfm_past WHERE until_run = $1 AND customer_id IN
    (SELECT customer_id FROM rfm_past WHERE until_run = $1 ORDER BY customer_id LIMIT $2);

-- name: rfm_run_referred
SELECT CASE WHEN EXISTS (SELECT 1 FROM rfm_past p WHERE p.since_run = $1 OR p.until_run = $1)
    OR EXISTS (SELECT 1 FROM rfm_score s WHERE s.since_run = $1) THEN 1 ELSE 0 END;

-- name: rfm_job_open
SELECT id FROM job WHERE dedupe_key = 'rfm';
