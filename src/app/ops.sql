-- name: ops_job
SELECT state, done, last_error, result FROM job WHERE id = $1;

-- name: ops_members
SELECT count(*) FROM staff WHERE state = 'active';

-- name: ops_dead_jobs
SELECT kind, count(*), max(last_error) FROM job WHERE state = 'dead' GROUP BY kind ORDER BY kind;

-- name: ops_newest_event
SELECT max(received_ms) FROM (SELECT received_ms FROM event ORDER BY seq DESC LIMIT 100) e;

-- name: ops_newest_audit
SELECT max(at) FROM (SELECT at FROM audit ORDER BY seq DESC LIMIT 100) a;

-- name: demo_tasks_due
SELECT t.id, coalesce(s.name, '店员') FROM task t LEFT JOIN staff s ON s.id = t.holder_id WHERE t.state = 'open' AND t.due_at <= $1 ORDER BY t.id LIMIT 5000;
