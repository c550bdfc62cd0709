-- name: job_insert
INSERT INTO job (kind, payload, state, due_at, dedupe_key, by_staff_id, attempts, last_error, created_at, done, total)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, 0, 0)
RETURNING id;

-- name: job_by_key
SELECT id FROM job WHERE dedupe_key = $1;

-- name: job_move
UPDATE job SET due_at = $2 WHERE dedupe_key = $1 AND state = 'waiting';

-- name: job_cancel_key
UPDATE job SET state = 'cancelled', dedupe_key = NULL, finished_at = $2 WHERE dedupe_key = $1 AND state = 'waiting';

-- name: job_next_due
SELECT min(due_at) FROM job WHERE state IN ('waiting', 'running');

-- name: job_claim
UPDATE job SET state = 'running', attempts = attempts + 1, due_at = $2, started_at = coalesce(started_at, $1)
WHERE id = (SELECT id FROM job WHERE state IN ('waiting', 'running') AND due_at <= $1
            ORDER BY due_at LIMIT 1)
RETURNING id, kind, payload, progress, done, total, by_staff_id, attempts;

-- name: job_claim @pg
UPDATE job SET state = 'running', attempts = attempts + 1, due_at = $2, started_at = coalesce(started_at, $1)
WHERE id = (SELECT id FROM job WHERE state IN ('waiting', 'running') AND due_at <= $1
            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, payload, progress, done, total, by_staff_id, attempts;

-- name: job_claim_kind
UPDATE job SET state = 'running', attempts = attempts + 1, due_at = $2, started_at = coalesce(started_at, $1)
WHERE id = (SELECT id FROM job WHERE state IN ('waiting', 'running') AND due_at <= $1 AND kind = $3
            ORDER BY due_at LIMIT 1)
RETURNING id, kind, payload, progress, done, total, by_staff_id, attempts;

-- name: job_keep
UPDATE job SET progress = $2, done = $3, total = $4, due_at = CASE WHEN state = 'running' THEN $5 ELSE due_at END,
    attempts = 1, last_error = NULL
WHERE id = $1 AND due_at = $6 AND state IN ('running', 'paused', 'cancelled')
RETURNING state = 'running';

-- name: job_state
SELECT state FROM job WHERE id = $1;

-- name: job_finish
UPDATE job SET state = CASE WHEN state = 'cancelled' THEN state ELSE 'done' END, dedupe_key = NULL, finished_at = $2, result = $3, done = $4, total = $5, progress = $6,
    last_error = NULL
WHERE id = $1 AND due_at = $7 AND state IN ('running', 'paused', 'cancelled')
RETURNING 1;

-- name: job_again
UPDATE job SET state = CASE WHEN state = 'running' THEN 'waiting' ELSE state END, due_at = $2, attempts = 0,
    finished_at = CASE WHEN state = 'cancelled' THEN finished_at END, progress = NULL, done = 0, total = 0, last_error = NULL
WHERE id = $1 AND due_at = $3 AND state IN ('running', 'paused', 'cancelled')
RETURNING 1;

-- name: job_fail
UPDATE job SET state = $2, due_at = $3, last_error = $4, finished_at = $5, attempts = $6,
    dedupe_key = CASE WHEN $2 = 'dead' THEN NULL ELSE dedupe_key END
WHERE id = $1 AND due_at = $7 AND state = 'running';

-- name: job_clean
DELETE FROM job WHERE state IN ('done', 'cancelled') AND finished_at < $1;

-- name: job_release
UPDATE job SET state = 'waiting', due_at = $2, attempts = attempts - 1 WHERE id = $1 AND due_at = $3 AND state = 'running';

-- name: job_release_all
UPDATE job SET state = 'waiting', due_at = $1 WHERE state = 'running';

-- name: job_move_earlier
UPDATE job SET due_at = $2 WHERE dedupe_key = $1 AND state = 'waiting' AND due_at > $2;

-- name: job_cancel_kind
UPDATE job SET state = 'cancelled', dedupe_key = NULL, finished_at = $2
WHERE kind = $1 AND state IN ('waiting', 'running', 'paused');

-- name: job_counts
SELECT state, count(*) FROM job GROUP BY state;
