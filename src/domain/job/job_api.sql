-- What stands on the page of jobs; a page is found by its ids, whatever the filter.

-- name: job_list
SELECT j.id, j.kind, j.state, j.due_at, j.by_staff_id, s.name AS by_name, j.attempts, j.last_error, j.done, j.total, j.created_at,
    j.started_at, j.finished_at
FROM job j LEFT JOIN staff s ON s.id = j.by_staff_id
WHERE j.id < $1 ORDER BY j.id DESC LIMIT $2;

-- name: job_list_state
SELECT j.id, j.kind, j.state, j.due_at, j.by_staff_id, s.name AS by_name, j.attempts, j.last_error, j.done, j.total, j.created_at,
    j.started_at, j.finished_at
FROM job j LEFT JOIN staff s ON s.id = j.by_staff_id
WHERE j.state = $3 AND j.id < $1 ORDER BY j.id DESC LIMIT $2;

-- name: job_list_kind
SELECT j.id, j.kind, j.state, j.due_at, j.by_staff_id, s.name AS by_name, j.attempts, j.last_error, j.done, j.total, j.created_at,
    j.started_at, j.finished_at
FROM job j LEFT JOIN staff s ON s.id = j.by_staff_id
WHERE j.id IN
    (SELECT id FROM (SELECT id FROM job WHERE kind = $3 AND state = 'waiting' AND id < $1 ORDER BY id DESC LIMIT $2) a
     UNION ALL SELECT id FROM (SELECT id FROM job WHERE kind = $3 AND state = 'running' AND id < $1 ORDER BY id DESC LIMIT $2) b
     UNION ALL SELECT id FROM (SELECT id FROM job WHERE kind = $3 AND state = 'paused' AND id < $1 ORDER BY id DESC LIMIT $2) c
     UNION ALL SELECT id FROM (SELECT id FROM job WHERE kind = $3 AND state = 'done' AND id < $1 ORDER BY id DESC LIMIT $2) d
     UNION ALL SELECT id FROM (SELECT id FROM job WHERE kind = $3 AND state = 'dead' AND id < $1 ORDER BY id DESC LIMIT $2) e
     UNION ALL SELECT id FROM (SELECT id FROM job WHERE kind = $3 AND state = 'cancelled' AND id < $1 ORDER BY id DESC LIMIT $2) f)
ORDER BY j.id DESC LIMIT $2;

-- name: job_list_kind_state
SELECT j.id, j.kind, j.state, j.due_at, j.by_staff_id, s.name AS by_name, j.attempts, j.last_error, j.done, j.total, j.created_at,
    j.started_at, j.finished_at
FROM job j LEFT JOIN staff s ON s.id = j.by_staff_id
WHERE j.kind = $3 AND j.state = $4 AND j.id < $1 ORDER BY j.id DESC LIMIT $2;

-- name: job_get
SELECT j.id, j.kind, j.state, j.due_at, j.by_staff_id, s.name AS by_name, j.attempts, j.last_error, j.done, j.total, j.created_at,
    j.started_at, j.finished_at, j.payload, j.result
FROM job j LEFT JOIN staff s ON s.id = j.by_staff_id WHERE j.id = $1;

-- name: job_retry
UPDATE job SET state = 'waiting', attempts = 0, due_at = $2, finished_at = NULL WHERE id = $1 AND state = 'dead';

-- name: job_cancel
UPDATE job SET state = 'cancelled', dedupe_key = NULL, finished_at = $2 WHERE id = $1 AND state IN ('waiting', 'running', 'paused');

-- name: job_pause
UPDATE job SET state = 'paused' WHERE id = $1 AND state IN ('waiting', 'running');

-- name: job_resume
UPDATE job SET state = 'waiting', due_at = CASE WHEN attempts > 0 THEN $2 ELSE due_at END WHERE id = $1 AND state = 'paused';
