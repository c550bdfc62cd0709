-- name: export_orders
SELECT o.id, o.source, o.number, o.customer_id, c.name, d.name, f.name, o.channel, o.ordered_at, o.amount_fen, o.line_count
FROM sales_order o LEFT JOIN customer c ON c.id = o.customer_id LEFT JOIN department d ON d.id = o.department_id
    LEFT JOIN staff f ON f.id = o.staff_id
WHERE o.id > $1 AND o.ordered_at >= $2 AND o.ordered_at < $3 AND (CAST($4 AS BIGINT) IS NULL OR o.department_id = $4)
    AND (@scope(o))
ORDER BY o.id LIMIT $5;

-- Finished or not, by number; of a department with those below it.
-- name: export_tasks
SELECT t.id, t.kind, t.what, t.customer_id, c.name, d.name, h.name, t.due_at, t.state, t.note, r.name, t.by_name, t.created_at,
    t.finished_at, t.finished_name
FROM task t LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN staff h ON h.id = t.holder_id
    LEFT JOIN department d ON d.id = t.department_id LEFT JOIN care_rule r ON r.id = t.rule_id
WHERE t.id > $1 AND (@scope(t)) AND (t.customer_id IS NULL OR (c.erased_at IS NULL AND (@scope(c))))
    AND t.due_at >= $2 AND t.due_at < $3 AND (CAST($4 AS TEXT) IS NULL OR t.state = $4)
    AND (CAST($5 AS BIGINT) IS NULL OR t.holder_id = $5)
    AND (CAST($6 AS BIGINT) IS NULL OR t.department_id IN (
        SELECT w.id FROM department w JOIN department p ON p.id = $6 WHERE w.path >= p.path AND w.path < p.path || '~'))
ORDER BY t.id LIMIT $7;

-- name: export_identities
SELECT kind, value_key, sealed FROM identity WHERE customer_id = $1 ORDER BY id;

-- name: export_tags
SELECT t.name FROM customer_tag x JOIN tag t ON t.id = x.tag_id WHERE x.customer_id = $1 AND t.removed_at IS NULL
ORDER BY t.id;

-- name: export_actor
SELECT scope, perms FROM staff WHERE id = $1 AND state = 'active';

-- name: export_insert
INSERT INTO export (kind, format, request, state, rows, size, staff_id, by_name, open_values, created_at, expires_at)
VALUES ($1, $2, $3, 'running', 0, 0, $4, $5, $6, $7, $8) RETURNING id;

-- name: export_by_id
SELECT id, kind, format, request, state, rows, size, error, staff_id, by_name, open_values, created_at, finished_at, expires_at
FROM export WHERE id = $1;

-- name: export_list
SELECT id, kind, format, request, state, rows, size, error, staff_id, by_name, open_values, created_at, finished_at, expires_at
FROM export WHERE id < $1 AND coalesce(staff_id, 0) = $2 ORDER BY id DESC LIMIT $3;

-- name: export_unfinished
SELECT count(*) FROM export WHERE coalesce(staff_id, 0) = $1 AND state = 'running';

-- name: export_progress
UPDATE export SET rows = $2 WHERE id = $1 AND state = 'running';

-- name: export_finish
UPDATE export SET state = 'done', rows = $2, size = $3, finished_at = $4, expires_at = $5 WHERE id = $1 AND state = 'running';

-- name: export_fail
UPDATE export SET state = 'failed', error = $2, finished_at = $3, expires_at = $4 WHERE id = $1 AND state = 'running';

-- name: export_cancel
UPDATE export SET state = 'cancelled', finished_at = $2 WHERE id = $1 AND state = 'running';

-- name: export_expired
SELECT id, format FROM export WHERE state <> 'expired' AND state <> 'running' AND expires_at <= $1 ORDER BY expires_at LIMIT 1;

-- name: export_expire
UPDATE export SET state = 'expired', expires_at = $2 WHERE id = $1;

-- name: export_forget
DELETE FROM export WHERE state = 'expired' AND expires_at <= $1;

-- name: export_delete
DELETE FROM export WHERE id = $1;
