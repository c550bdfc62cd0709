-- name: rights_permissions
SELECT role_id, permission FROM role_permission;

-- name: rights_roles
SELECT s.id, s.perms, s.scope, sr.role_id, r.scope AS sees
FROM staff s LEFT JOIN staff_role sr ON sr.staff_id = s.id LEFT JOIN role r ON r.id = sr.role_id
WHERE s.id >= $1 AND s.id <= $2 ORDER BY s.id;

-- name: rights_set
UPDATE staff SET perms = $2, scope = $3 WHERE id = $1;

-- name: scope_clear
DELETE FROM staff_scope WHERE staff_id >= $1 AND staff_id <= $2;

-- $3: the scope of those who see everything and need no list.
-- name: scope_fill
INSERT INTO staff_scope (staff_id, department_id)
SELECT m.staff_id, m.department_id
FROM staff s JOIN staff_department m ON m.staff_id = s.id
WHERE s.id >= $1 AND s.id <= $2 AND s.scope <> $3
    AND EXISTS (SELECT 1 FROM staff_role sr JOIN role r ON r.id = sr.role_id WHERE sr.staff_id = s.id AND r.scope = 'department')
UNION
SELECT m.staff_id, d.id
FROM staff s JOIN staff_department m ON m.staff_id = s.id
    JOIN department top ON top.id = m.department_id
    JOIN department d ON d.path >= top.path AND d.path < top.path || '~'
WHERE s.id >= $1 AND s.id <= $2 AND s.scope <> $3
    AND EXISTS (SELECT 1 FROM staff_role sr JOIN role r ON r.id = sr.role_id WHERE sr.staff_id = s.id AND r.scope = 'below')
UNION
SELECT s.id, d.id
FROM staff s JOIN staff_role sr ON sr.staff_id = s.id JOIN role r ON r.id = sr.role_id AND r.scope = 'chosen'
    JOIN role_department rd ON rd.role_id = r.id
    JOIN department top ON top.id = rd.department_id
    JOIN department d ON d.path >= top.path AND d.path < top.path || '~'
WHERE s.id >= $1 AND s.id <= $2 AND s.scope <> $3;

-- name: scope_extend
WITH RECURSIVE above (id, parent_id) AS (
    SELECT id, parent_id FROM department WHERE id = $1
    UNION ALL SELECT d.id, d.parent_id FROM department d JOIN above a ON d.id = a.parent_id)
INSERT INTO staff_scope (staff_id, department_id)
SELECT m.staff_id, $1
FROM above a JOIN staff_department m ON m.department_id = a.id JOIN staff s ON s.id = m.staff_id
WHERE s.scope <> $2
    AND EXISTS (SELECT 1 FROM staff_role sr JOIN role r ON r.id = sr.role_id WHERE sr.staff_id = s.id AND r.scope = 'below')
UNION
SELECT s.id, $1
FROM above a JOIN role_department rd ON rd.department_id = a.id
    JOIN role r ON r.id = rd.role_id AND r.scope = 'chosen'
    JOIN staff_role sr ON sr.role_id = r.id JOIN staff s ON s.id = sr.staff_id
WHERE s.scope <> $2;
