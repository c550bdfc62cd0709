-- part: task_row
SELECT t.id, t.kind, t.what, t.customer_id, c.name AS customer_name,
    coalesce(c.id IS NOT NULL AND c.erased_at IS NULL AND @scope(c), FALSE) AS profile,
    t.holder_id AS staff_id, h.name AS staff_name, t.department_id, d.name AS department_name, t.due_at, t.state, t.note,
    t.rule_id, r.name AS rule_name, t.by_name, t.finished_at, t.finished_name, t.version, t.created_at
FROM task t LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN staff h ON h.id = t.holder_id
    LEFT JOIN department d ON d.id = t.department_id LEFT JOIN care_rule r ON r.id = t.rule_id

-- part: task_filter
AND (CAST($3 AS BIGINT) IS NULL OR t.due_at >= $3) AND (CAST($4 AS BIGINT) IS NULL OR t.due_at < $4)
    AND (CAST($5 AS TEXT) IS NULL OR t.kind = $5) AND (CAST($6 AS BIGINT) IS NULL OR t.rule_id = $6)
    AND (CAST($7 AS TEXT) IS NULL OR t.department_id IN (SELECT w.id FROM department w WHERE w.path >= $7 AND w.path < $7 || '~'))

-- One task, for whoever sees the customer, or for whom it is. $2: who asks.
-- name: task_by_id
@task_row
WHERE t.id = $1
    AND ((t.customer_id IS NOT NULL AND @scope(c)) OR (t.customer_id IS NULL AND @scope(t)) OR t.holder_id = $2
        OR (t.holder_id IS NULL AND t.department_id IN (SELECT m.department_id FROM staff_department m WHERE m.staff_id = $2)));

-- What is open for $1 and due from $2 on and before $3, after ($4, $5).
-- name: task_mine
@task_row
WHERE t.id IN (
    SELECT a.id FROM (SELECT id FROM task WHERE holder_id = $1 AND state = 'open' AND due_at >= $2 AND due_at < $3
                        AND due_at >= $4 AND (due_at > $4 OR id > $5) ORDER BY due_at, id LIMIT $6) a
    UNION ALL
    SELECT b.id FROM (SELECT id FROM task WHERE holder_id IS NULL AND state = 'open' AND due_at >= $2 AND due_at < $3
                        AND department_id IN (SELECT m.department_id FROM staff_department m WHERE m.staff_id = $1)
                        AND due_at >= $4 AND (due_at > $4 OR id > $5) ORDER BY due_at, id LIMIT $6) b)
ORDER BY t.due_at, t.id LIMIT $6;

-- $2 and $3: when today begins and ends; $4: now.
-- name: task_counts
SELECT count(CASE WHEN x.due_at < $2 THEN 1 END) AS overdue, count(CASE WHEN x.due_at >= $2 AND x.due_at < $3 THEN 1 END) AS today,
    count(CASE WHEN x.due_at >= $3 THEN 1 END) AS coming, count(CASE WHEN x.due_at <= $4 THEN 1 END) AS due
FROM (SELECT due_at FROM task WHERE holder_id = $1 AND state = 'open'
      UNION ALL
      SELECT due_at FROM task WHERE holder_id IS NULL AND state = 'open'
        AND department_id IN (SELECT m.department_id FROM staff_department m WHERE m.staff_id = $1)) x;

-- The same of everything in the actor's scope; $4: of one holder, $5: of a department and below.
-- name: task_counts_all
SELECT count(CASE WHEN t.due_at < $1 THEN 1 END) AS overdue, count(CASE WHEN t.due_at >= $1 AND t.due_at < $2 THEN 1 END) AS today,
    count(CASE WHEN t.due_at >= $2 THEN 1 END) AS coming, count(CASE WHEN t.due_at <= $3 THEN 1 END) AS due
FROM task t LEFT JOIN customer c ON c.id = t.customer_id
WHERE t.state = 'open' AND @scope(t) AND (t.customer_id IS NULL OR @scope(c)) AND (CAST($4 AS BIGINT) IS NULL OR t.holder_id = $4)
    AND (CAST($5 AS TEXT) IS NULL OR t.department_id IN (SELECT w.id FROM department w WHERE w.path >= $5 AND w.path < $5 || '~'));

-- Open tasks in the actor's scope, by when they are due: @scope(t) is served by an index, @scope(c) decides.
-- name: task_list
SELECT t.id, t.kind, t.what, t.customer_id, c.name AS customer_name, c.id IS NOT NULL AS profile,
    t.holder_id AS staff_id, h.name AS staff_name, t.department_id, d.name AS department_name, t.due_at, t.state, t.note,
    t.rule_id, r.name AS rule_name, t.by_name, t.finished_at, t.finished_name, t.version, t.created_at
FROM task t LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN staff h ON h.id = t.holder_id
    LEFT JOIN department d ON d.id = t.department_id LEFT JOIN care_rule r ON r.id = t.rule_id
WHERE t.state = 'open' AND @scope(t) AND (t.customer_id IS NULL OR @scope(c)) AND t.due_at >= $1 AND (t.due_at > $1 OR t.id > $2)
    @task_filter
ORDER BY t.due_at, t.id LIMIT $8;

-- The same of one holder.
-- name: task_list_held
SELECT t.id, t.kind, t.what, t.customer_id, c.name AS customer_name, c.id IS NOT NULL AS profile,
    t.holder_id AS staff_id, h.name AS staff_name, t.department_id, d.name AS department_name, t.due_at, t.state, t.note,
    t.rule_id, r.name AS rule_name, t.by_name, t.finished_at, t.finished_name, t.version, t.created_at
FROM task t LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN staff h ON h.id = t.holder_id
    LEFT JOIN department d ON d.id = t.department_id LEFT JOIN care_rule r ON r.id = t.rule_id
WHERE t.state = 'open' AND @scope(t) AND (t.customer_id IS NULL OR @scope(c)) AND t.due_at >= $1 AND (t.due_at > $1 OR t.id > $2)
    @task_filter
    AND t.holder_id = $9
ORDER BY t.due_at, t.id LIMIT $8;

-- What is finished, the newest first. $9: done or dismissed.
-- name: task_list_finished
SELECT t.id, t.kind, t.what, t.customer_id, c.name AS customer_name, c.id IS NOT NULL AS profile,
    t.holder_id AS staff_id, h.name AS staff_name, t.department_id, d.name AS department_name, t.due_at, t.state, t.note,
    t.rule_id, r.name AS rule_name, t.by_name, t.finished_at, t.finished_name, t.version, t.created_at
FROM task t LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN staff h ON h.id = t.holder_id
    LEFT JOIN department d ON d.id = t.department_id LEFT JOIN care_rule r ON r.id = t.rule_id
WHERE t.state <> 'open' AND t.state = $9 AND @scope(t) AND (t.customer_id IS NULL OR (c.erased_at IS NULL AND @scope(c)))
    AND t.finished_at <= $1 AND (t.finished_at < $1 OR t.id < $2)
    @task_filter
ORDER BY t.finished_at DESC, t.id DESC LIMIT $8;

-- The same of one holder.
-- name: task_list_finished_held
SELECT t.id, t.kind, t.what, t.customer_id, c.name AS customer_name, c.id IS NOT NULL AS profile,
    t.holder_id AS staff_id, h.name AS staff_name, t.department_id, d.name AS department_name, t.due_at, t.state, t.note,
    t.rule_id, r.name AS rule_name, t.by_name, t.finished_at, t.finished_name, t.version, t.created_at
FROM task t LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN staff h ON h.id = t.holder_id
    LEFT JOIN department d ON d.id = t.department_id LEFT JOIN care_rule r ON r.id = t.rule_id
WHERE t.state <> 'open' AND t.state = $9 AND @scope(t) AND (t.customer_id IS NULL OR (c.erased_at IS NULL AND @scope(c)))
    AND t.finished_at <= $1 AND (t.finished_at < $1 OR t.id < $2)
    @task_filter
    AND t.holder_id = $10
ORDER BY t.finished_at DESC, t.id DESC LIMIT $8;

-- Everything about one customer, newest first.
-- name: task_list_customer
SELECT t.id, t.kind, t.what, t.customer_id, c.name AS customer_name, TRUE AS profile,
    t.holder_id AS staff_id, h.name AS staff_name, t.department_id, d.name AS department_name, t.due_at, t.state, t.note,
    t.rule_id, r.name AS rule_name, t.by_name, t.finished_at, t.finished_name, t.version, t.created_at
FROM task t JOIN customer c ON c.id = t.customer_id LEFT JOIN staff h ON h.id = t.holder_id
    LEFT JOIN department d ON d.id = t.department_id LEFT JOIN care_rule r ON r.id = t.rule_id
WHERE t.customer_id = $1 AND t.id < $2 AND @scope(c) ORDER BY t.id DESC LIMIT $3;

-- name: task_insert
INSERT INTO task (kind, what, customer_id, holder_id, department_id, staff_id, due_at, rule_id, by_id, by_name, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id;

-- name: task_change
UPDATE task SET what = $2, due_at = $3, told = (told AND CAST($3 AS BIGINT) <= CAST($5 AS BIGINT)), version = version + 1 WHERE id = $1 AND version = $4;

-- name: task_end
UPDATE task SET state = $2, note = $3, finished_at = $4, finished_name = $5, version = version + 1 WHERE id = $1 AND state = 'open';

-- name: task_open_again
UPDATE task SET state = 'open', note = NULL, finished_at = NULL, finished_name = NULL, version = version + 1
WHERE id = $1 AND state <> 'open';

-- name: task_hold
UPDATE task SET holder_id = $2, version = version + 1 WHERE id = $1;

-- Of a task about nobody: it belongs where its holder does.
-- name: task_home
UPDATE task SET department_id = $2, staff_id = $3 WHERE id = $1;

-- name: task_brief
SELECT kind, customer_id, holder_id, state, department_id FROM task WHERE id = $1;

-- Reminders.
-- name: task_due_first
SELECT min(due_at) FROM task WHERE state = 'open' AND NOT told;

-- name: task_due_list
SELECT id, customer_id, kind, holder_id FROM task WHERE state = 'open' AND NOT told AND due_at <= $1 ORDER BY due_at LIMIT $2;

-- name: task_told
UPDATE task SET told = TRUE WHERE id = $1;

-- For whom.
-- name: task_customer_place
SELECT department_id, staff_id FROM customer WHERE id = $1;

-- name: task_staff_home
SELECT department_id FROM staff WHERE id = $1;

-- name: task_customer_owner
SELECT s.id FROM customer c JOIN staff s ON s.id = c.staff_id WHERE c.id = $1 AND s.state = 'active';

-- At most 2,000 members of a department.
-- name: task_turn_members
SELECT s.id, s.perms FROM staff_department m JOIN staff s ON s.id = m.staff_id
WHERE m.department_id = $1 AND s.state = 'active' ORDER BY s.id LIMIT 2000;

-- name: task_turn_last
SELECT staff_id FROM task_turn WHERE department_id = $1;

-- name: task_turn_put
INSERT INTO task_turn (department_id, staff_id) VALUES ($1, $2) ON CONFLICT (department_id) DO UPDATE SET staff_id = excluded.staff_id;

-- To whom the actor may give something: active members within their scope, and themselves ($2).
-- name: task_member
SELECT s.id FROM staff s
WHERE s.id = $1 AND s.state = 'active'
    AND (s.id = $2 OR EXISTS (SELECT 1 FROM staff_department m WHERE m.staff_id = s.id AND @scope(m)));

-- From whom: also those who have left.
-- name: task_member_any
SELECT s.id FROM staff s
WHERE s.id = $1 AND (s.id = $2 OR EXISTS (SELECT 1 FROM staff_department m WHERE m.staff_id = s.id AND @scope(m)));

-- Following a customer.
-- name: task_follow_list
SELECT t.id, t.holder_id, t.staff_id FROM task t WHERE t.customer_id = $1 AND t.finished_at IS NULL AND t.state = 'open';

-- name: task_follow_place
UPDATE task SET department_id = $2, staff_id = $3
WHERE customer_id = $1 AND (coalesce(department_id, 0) <> coalesce(CAST($2 AS BIGINT), 0) OR coalesce(staff_id, 0) <> coalesce(CAST($3 AS BIGINT), 0));

-- May $1 go on holding what is about this customer: they are the owner, of the store, or see it. $3 … $5: kinds of scope.
-- name: task_fits
SELECT 1 FROM staff s JOIN customer c ON c.id = $2
WHERE s.id = $1 AND s.state = 'active'
    AND (s.id = c.staff_id OR c.department_id IS NULL OR s.scope = $3
        OR EXISTS (SELECT 1 FROM staff_department m WHERE m.staff_id = s.id AND m.department_id = c.department_id)
        OR (s.scope IN ($4, $5)
            AND EXISTS (SELECT 1 FROM staff_scope x WHERE x.staff_id = s.id AND x.department_id = c.department_id)));

-- Inheriting.
-- name: task_has_left
SELECT 1 FROM staff WHERE id = $1 AND state = 'left';

-- name: task_held
SELECT id, customer_id, department_id FROM task WHERE holder_id = $1 AND state = 'open' ORDER BY due_at, id LIMIT $2;

-- name: task_held_seen
SELECT t.id FROM task t LEFT JOIN customer c ON c.id = t.customer_id
WHERE t.holder_id = $1 AND t.state = 'open'
    AND ((t.customer_id IS NOT NULL AND @scope(c)) OR (t.customer_id IS NULL AND @scope(t)) OR t.holder_id = $2)
ORDER BY t.due_at, t.id LIMIT $3;

-- name: task_held_seen_count
SELECT count(*) FROM task t LEFT JOIN customer c ON c.id = t.customer_id
WHERE t.holder_id = $1 AND t.state = 'open'
    AND ((t.customer_id IS NOT NULL AND @scope(c)) OR (t.customer_id IS NULL AND @scope(t)) OR t.holder_id = $2);

-- People joined, parted, erased, told.
-- name: tasks_note
INSERT INTO merge_move (merge_id, kind, row_id) SELECT $1, 'task', id FROM task WHERE customer_id = $2;

-- name: tasks_move
UPDATE task SET customer_id = $2 WHERE customer_id = $1;

-- name: task_about
UPDATE task SET customer_id = $2 WHERE id = $1;

-- name: tasks_back
UPDATE task SET customer_id = $2 WHERE id IN (SELECT row_id FROM merge_move WHERE merge_id = $1 AND kind = 'task');

-- name: tasks_forget
UPDATE task SET what = '', note = NULL, told = TRUE, state = CASE WHEN state = 'open' THEN 'dismissed' ELSE state END,
    finished_at = coalesce(finished_at, $2), version = version + 1
WHERE customer_id = $1;

-- name: tasks_tell
SELECT what, due_at, state, note, finished_at FROM task WHERE customer_id = $1 ORDER BY id;

-- name: task_comment_insert
INSERT INTO task_comment (task_id, text, by_id, by_name, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id;

-- name: task_comment_by_id
SELECT id, text, by_name, created_at FROM task_comment WHERE id = $1;

-- name: task_comment_list
SELECT id, text, by_name, created_at FROM task_comment WHERE task_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: task_comment_count
SELECT count(*) FROM task_comment WHERE task_id = $1;

-- name: task_comments_forget
UPDATE task_comment SET text = '' WHERE task_id IN (SELECT id FROM task WHERE customer_id = $1);

-- name: task_comments_tell
SELECT m.task_id, m.text, m.created_at FROM task t JOIN task_comment m ON m.task_id = t.id WHERE t.customer_id = $1 ORDER BY m.id;
