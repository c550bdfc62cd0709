-- name: role_put_builtin
INSERT INTO role (key, name, name_en, scope, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING;

-- name: role_by_key
SELECT id FROM role WHERE key = $1;

-- name: role_permission_add
INSERT INTO role_permission (role_id, permission) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: role_rows
SELECT r.id, r.key, r.name, r.name_en, r.scope,
    (SELECT count(*) FROM staff_role sr JOIN staff s ON s.id = sr.staff_id WHERE sr.role_id = r.id AND s.state <> 'left') AS members,
    r.version
FROM role r WHERE r.id >= $1 AND r.id <= $2 ORDER BY r.id;

-- name: role_permissions_of
SELECT permission FROM role_permission WHERE role_id = $1;

-- name: role_departments_of
SELECT department_id FROM role_department WHERE role_id = $1 ORDER BY department_id;

-- name: role_count
SELECT count(*) FROM role;

-- name: role_insert
INSERT INTO role (name, name_en, scope, created_at) VALUES ($1, $2, $3, $4) RETURNING id;

-- name: role_update
UPDATE role SET name = $2, name_en = $3, scope = $4, version = version + 1 WHERE id = $1;

-- name: role_permissions_clear
DELETE FROM role_permission WHERE role_id = $1;

-- name: role_departments_clear
DELETE FROM role_department WHERE role_id = $1;

-- name: role_department_add
INSERT INTO role_department (role_id, department_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- Those who have left keep their roles for the day they come back, but not one that is gone.
-- name: role_members_clear
DELETE FROM staff_role WHERE role_id = $1;

-- name: role_delete
DELETE FROM role WHERE id = $1;
