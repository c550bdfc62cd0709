-- name: grant_departments_outside
SELECT count(*) FROM (SELECT path, id AS department_id, CAST(0 AS BIGINT) AS staff_id FROM department
                      WHERE path >= $1 AND path < $1 || '~') d WHERE NOT @scope(d);

-- name: grant_staff_outside
SELECT count(*) FROM (
    SELECT t.department_id, CAST(0 AS BIGINT) AS staff_id FROM staff_scope t WHERE t.staff_id = $1
    UNION SELECT m.department_id, CAST(0 AS BIGINT) FROM staff_department m WHERE m.staff_id = $1) d
WHERE NOT @scope(d);

-- name: grant_members_outside
SELECT count(*) FROM (
    SELECT t.department_id, CAST(0 AS BIGINT) AS staff_id
    FROM staff_role sr JOIN staff_scope t ON t.staff_id = sr.staff_id WHERE sr.role_id = $1
    UNION SELECT m.department_id, CAST(0 AS BIGINT)
    FROM staff_role sr JOIN staff_department m ON m.staff_id = sr.staff_id WHERE sr.role_id = $1) d
WHERE NOT @scope(d);

-- name: grant_members_all
SELECT count(*) FROM staff_role sr JOIN staff s ON s.id = sr.staff_id WHERE sr.role_id = $1 AND s.scope = $2;

-- name: grant_staff_rights
SELECT s.perms, s.scope, (SELECT count(*) FROM staff_role sr JOIN role r ON r.id = sr.role_id
                          WHERE sr.staff_id = s.id AND r.key = 'owner') AS owner
FROM staff s WHERE s.id = $1;

-- name: grant_role_held
SELECT count(*) FROM staff_role WHERE staff_id = $1 AND role_id = $2;
