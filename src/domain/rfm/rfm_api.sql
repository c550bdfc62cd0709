-- name: rfm_run_list
SELECT id, state, reference_at, options, cuts, means, people, whole, by_name, created_at, finished_at FROM rfm_run
WHERE id < $1 AND state <> 'left' ORDER BY id DESC LIMIT $2;

-- name: rfm_run_by_id
SELECT id, state, reference_at, options, cuts, means, people, whole, by_name, created_at, finished_at FROM rfm_run WHERE id = $1 AND state IN ('current', 'past');

-- name: rfm_run_newest
SELECT id, state, reference_at, options, cuts, means, people, whole, by_name, created_at, finished_at FROM rfm_run
WHERE state = 'current';

-- name: rfm_people_cell
SELECT c.id, c.name, c.department_id, c.staff_id, f.recency_days, f.frequency, f.monetary_fen, f.r, f.f, f.m, f.total, f.class, f.tier
FROM rfm_current f JOIN customer c ON c.id = f.customer_id
WHERE f.r = $1 AND f.f = $2 AND f.m BETWEEN $3 AND $4 AND (f.m < $5 OR (f.m = $5 AND f.customer_id < $6))
    AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)
ORDER BY f.m DESC, f.customer_id DESC LIMIT $7;

-- name: rfm_people_class
SELECT c.id, c.name, c.department_id, c.staff_id, f.recency_days, f.frequency, f.monetary_fen, f.r, f.f, f.m, f.total, f.class, f.tier
FROM rfm_current f JOIN customer c ON c.id = f.customer_id
WHERE f.class = $1 AND f.customer_id < $2 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)
ORDER BY f.customer_id DESC LIMIT $3;

-- name: rfm_people_tier
SELECT c.id, c.name, c.department_id, c.staff_id, f.recency_days, f.frequency, f.monetary_fen, f.r, f.f, f.m, f.total, f.class, f.tier
FROM rfm_current f JOIN customer c ON c.id = f.customer_id
WHERE f.tier = $1 AND f.customer_id < $2 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)
ORDER BY f.customer_id DESC LIMIT $3;

-- name: rfm_history
SELECT h.since_run, a.reference_at AS since_at, b.reference_at AS until_at, h.last_at AS last_order_at,
    (a.reference_at - h.last_at) / 86400000 AS recency_days, h.frequency, h.monetary_fen, h.r, h.f, h.m, h.r + h.f + h.m AS total,
    h.class, h.tier
FROM (SELECT customer_id, since_run, until_run, last_at, frequency, monetary_fen, r, f, m, class, tier FROM rfm_score
      WHERE customer_id = $1 AND since_run <= (SELECT id FROM rfm_run WHERE state = 'current')
      UNION ALL
      SELECT customer_id, since_run, until_run, last_at, frequency, monetary_fen, r, f, m, class, tier FROM rfm_past
      WHERE customer_id = $1) h
    JOIN rfm_run a ON a.id = h.since_run
    LEFT JOIN rfm_run b ON b.id = h.until_run AND b.state IN ('current', 'past')
WHERE h.since_run < $2 ORDER BY h.since_run DESC LIMIT $3;
