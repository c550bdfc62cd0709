-- name: care_rule_list
SELECT r.id, r.key, r.name, r.kind, r.days, r.hour, r.orders, r.condition, r.text, r.gives_to,
    r.fallback_id AS fallback_department_id, r.overdue, r.active, r.since_at, r.made,
    (SELECT count(*) FROM task t WHERE t.rule_id = r.id AND t.state = 'open' AND @scope(t)) AS open, r.version, r.created_at
FROM care_rule r WHERE r.removed_at IS NULL ORDER BY r.id;

-- name: care_rule_by_id
SELECT r.id, r.key, r.name, r.kind, r.days, r.hour, r.orders, r.condition, r.text, r.gives_to,
    r.fallback_id AS fallback_department_id, r.overdue, r.active, r.since_at, r.made,
    (SELECT count(*) FROM task t WHERE t.rule_id = r.id AND t.state = 'open' AND @scope(t)) AS open, r.version, r.created_at
FROM care_rule r WHERE r.id = $1 AND r.removed_at IS NULL;

-- name: care_rule_by_key
SELECT id FROM care_rule WHERE key = $1;

-- name: care_rule_count
SELECT count(*) FROM care_rule WHERE removed_at IS NULL;

-- name: care_rules_active
SELECT id, name, kind, days, hour, orders, condition, text, gives_to, fallback_id AS fallback_department_id, overdue, active, since_at, next_day, next_id, version
FROM care_rule WHERE active AND (CAST($1 AS TEXT) IS NULL OR kind = $1) ORDER BY id;

-- name: care_rule_known
SELECT id, name, kind, days, hour, orders, condition, text, gives_to, fallback_id AS fallback_department_id, overdue, active, since_at, next_day, next_id, version
FROM care_rule WHERE id = $1 AND removed_at IS NULL;

-- name: care_rule_work
UPDATE care_rule SET next_day = $2, next_id = $3 WHERE id = $1;

-- name: care_rule_insert
INSERT INTO care_rule (key, name, kind, days, hour, orders, condition, text, gives_to, fallback_id, overdue, active, since_at,
    next_day, next_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $13) RETURNING id;

-- Birthdays are looked at again from today on: what was made is known.
-- name: care_rule_update
UPDATE care_rule SET name = $2, days = $3, hour = $4, orders = $5, condition = $6, text = $7, gives_to = $8, fallback_id = $9,
    overdue = $10, active = $11, since_at = $12, next_day = $13, next_id = 0, version = version + 1
WHERE id = $1;

-- name: care_rule_remove
UPDATE care_rule SET active = FALSE, removed_at = $2, key = NULL, version = version + 1 WHERE id = $1;

-- name: care_rule_count_made
UPDATE care_rule SET made = made + 1 WHERE id = $1;

-- People.
-- name: care_person
SELECT c.name, c.birthday, c.department_id, d.name, c.joined_at, s.last_at
FROM customer c LEFT JOIN department d ON d.id = c.department_id LEFT JOIN customer_sales s ON s.customer_id = c.id
WHERE c.id = $1 AND c.merged_into IS NULL AND c.erased_at IS NULL;

-- name: care_staff_name
SELECT name FROM staff WHERE id = $1;

-- When somebody last heard from us: a task done, or one of this rule ended in any way.
-- name: care_contact
SELECT max(finished_at) FROM task WHERE customer_id = $1 AND finished_at IS NOT NULL AND (state = 'done' OR rule_id = $2);

-- name: care_open
SELECT t.id, m.occasion FROM task t LEFT JOIN care_made m ON m.task_id = t.id
WHERE t.rule_id = $1 AND t.customer_id = $2 AND t.state = 'open' ORDER BY t.id LIMIT 1;

-- name: care_born_on
SELECT c.id FROM customer c
WHERE c.birth_md IN ($1, $2) AND c.id > $3 AND c.merged_into IS NULL AND c.erased_at IS NULL ORDER BY c.id LIMIT $4;

-- name: care_order
SELECT customer_id, ordered_at FROM sales_order WHERE id = $1;

-- name: care_first_order
SELECT id FROM sales_order WHERE customer_id = $1 ORDER BY ordered_at, id LIMIT 1;

-- name: care_orders_from
SELECT id, ordered_at FROM sales_order
WHERE customer_id IS NOT NULL AND ordered_at >= $1 AND (ordered_at > $1 OR id > $2) ORDER BY ordered_at, id LIMIT $3;

-- What was made.
-- name: care_made_put
INSERT INTO care_made (rule_id, customer_id, occasion) VALUES ($1, $2, $3) ON CONFLICT (rule_id, customer_id, occasion) DO NOTHING
RETURNING id;

-- name: care_made_task
UPDATE care_made SET task_id = $2 WHERE id = $1;

-- name: care_made_has
SELECT 1 FROM care_made WHERE rule_id = $1 AND customer_id = $2 AND occasion = $3;

-- Timers. One whose time has come stays as it is until the job has looked.
-- name: care_timer_put
INSERT INTO care_timer (rule_id, customer_id, occasion, due_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (rule_id, customer_id, occasion) DO UPDATE SET due_at = excluded.due_at WHERE care_timer.due_at > $5;

-- name: care_timer_remove
DELETE FROM care_timer WHERE rule_id = $1 AND customer_id = $2 AND occasion = $3;

-- name: care_timers_due
SELECT rule_id, customer_id, occasion FROM care_timer WHERE due_at <= $1 ORDER BY due_at LIMIT $2;

-- name: care_timer_first
SELECT min(due_at) FROM care_timer;

-- A rule that was switched off, or removed.
-- name: care_timers_drop
DELETE FROM care_timer
WHERE rule_id = $1 AND customer_id IN (SELECT customer_id FROM care_timer WHERE rule_id = $1 ORDER BY customer_id LIMIT $2);

-- name: care_stop_list
SELECT id FROM task WHERE rule_id = $1 AND state = 'open' LIMIT $2;

-- name: care_everybody
SELECT id FROM customer WHERE id > $1 AND merged_into IS NULL AND erased_at IS NULL ORDER BY id LIMIT $2;

-- Who sees all of a department and belongs to it, the closest first; $2: the scope that sees everything.
-- name: care_managers
SELECT s.id, s.perms FROM staff_department m JOIN staff s ON s.id = m.staff_id
WHERE m.department_id = $1 AND s.state = 'active'
    AND (s.scope = $2 OR (s.scope IN ($3, $4) AND EXISTS (SELECT 1 FROM staff_scope x WHERE x.staff_id = s.id AND x.department_id = $1)))
ORDER BY CASE WHEN s.scope = $2 THEN 1 ELSE 0 END, s.id LIMIT 100;

-- People joined: what was made for one counts for the survivor, too; what both have stays where it is.
-- name: care_made_note
INSERT INTO merge_move (merge_id, kind, row_id)
SELECT $1, 'care', m.id FROM care_made m
WHERE m.customer_id = $2
    AND NOT EXISTS (SELECT 1 FROM care_made o WHERE o.customer_id = $3 AND o.rule_id = m.rule_id AND o.occasion = m.occasion);

-- name: care_made_move
UPDATE care_made SET customer_id = $2 WHERE id IN (SELECT row_id FROM merge_move WHERE merge_id = $1 AND kind = 'care');

-- Open tasks of $1 for which $2 has one already: for the same occasion, or of a rule that has one open at a time.
-- name: care_twins
SELECT t.id FROM care_made m JOIN task t ON t.id = m.task_id JOIN care_rule r ON r.id = m.rule_id
WHERE m.customer_id = $1 AND t.state = 'open'
    AND (EXISTS (SELECT 1 FROM care_made o WHERE o.customer_id = $2 AND o.rule_id = m.rule_id AND o.occasion = m.occasion)
        OR (r.kind IN ('rhythm', 'dormant')
            AND EXISTS (SELECT 1 FROM care_made o JOIN task n ON n.id = o.task_id
                        WHERE o.customer_id = $2 AND o.rule_id = m.rule_id AND n.state = 'open')));

-- name: care_twin_note
INSERT INTO merge_move (merge_id, kind, row_id) VALUES ($1, 'care_twin', $2);

-- name: care_twins_back
SELECT t.id FROM merge_move v JOIN task t ON t.id = v.row_id WHERE v.merge_id = $1 AND v.kind = 'care_twin' AND t.state = 'dismissed';

-- What was made for $1 about an order that is $2's again.
-- name: care_parted
SELECT m.id, m.task_id FROM care_made m JOIN sales_order o ON m.occasion = 'order:' || CAST(o.id AS TEXT)
WHERE m.customer_id = $1 AND o.customer_id = $2;

-- name: care_made_give
UPDATE care_made SET customer_id = $2 WHERE id = $1;

-- Looked at again because of the fact that follows; an order's timer finds whose the order is by itself.
-- name: care_timers_leave
DELETE FROM care_timer WHERE customer_id = $1 AND occasion = '';

-- name: care_timers_forget
DELETE FROM care_timer WHERE customer_id = $1;
