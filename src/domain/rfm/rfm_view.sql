-- Class and tier follow from the three scores and the run, so these 125 groups are all that is counted.
-- name: rfm_cells
SELECT f.r, f.f, f.m, count(*) AS people, sum(f.monetary_fen) AS monetary_fen
FROM rfm_current f JOIN customer c ON c.id = f.customer_id
WHERE c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c) GROUP BY f.r, f.f, f.m ORDER BY f.r, f.f, f.m;

-- The same of a run before: what was true until a later one.
-- name: rfm_cells_past
SELECT h.r, h.f, h.m, count(*) AS people, sum(h.monetary_fen) AS monetary_fen
FROM (SELECT customer_id, monetary_fen, r, f, m FROM rfm_score WHERE since_run <= $1 AND until_run > $1
      UNION ALL
      SELECT customer_id, monetary_fen, r, f, m FROM rfm_past WHERE since_run <= $1 AND until_run > $1) h
    JOIN customer c ON c.id = h.customer_id
WHERE c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c) GROUP BY h.r, h.f, h.m ORDER BY h.r, h.f, h.m;

-- name: rfm_job_state
SELECT id, state, done, total, last_error AS error FROM job WHERE dedupe_key = 'rfm';
