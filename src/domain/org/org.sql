-- name: role_put_builtin
INSERT INTO role (key, name, name_en, scope, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (key) DO NOTHING;

-- name: role_by_key
SELECT id FROM role WHERE key = $1;

-- name: role_permission_add
INSERT INTO role_permission (role_id, permission) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: role_permission_all
SELECT sr.staff_id, rp.permission FROM staff_role sr JOIN role_permission rp ON rp.role_id = sr.role_id
WHERE $1 = 0 OR sr.staff_id = $1 ORDER BY sr.staff_id;

-- name: staff_ids
SELECT id FROM staff WHERE $1 = 0 OR id = $1 ORDER BY id;

-- name: staff_role_scopes
SELECT DISTINCT r.scope FROM staff_role sr JOIN role r ON r.id = sr.role_id WHERE sr.staff_id = $1;

-- name: staff_role_permissions
SELECT DISTINCT rp.permission FROM staff_role sr JOIN role_permission rp ON rp.role_id = sr.role_id WHERE sr.staff_id = $1;

-- name: staff_scope_clear
DELETE FROM staff_scope WHERE staff_id = $1;

-- name: staff_scope_own
INSERT INTO staff_scope (staff_id, department_id)
SELECT id, department_id FROM staff WHERE id = $1
UNION SELECT staff_id, department_id FROM staff_department WHERE staff_id = $1
ON CONFLICT DO NOTHING;

-- name: staff_scope_below
INSERT INTO staff_scope (staff_id, department_id)
SELECT $1, d.id FROM department d
WHERE EXISTS (SELECT 1 FROM department top
              WHERE (top.id IN (SELECT s.department_id FROM staff s WHERE s.id = $1)
                     OR top.id IN (SELECT sd.department_id FROM staff_department sd WHERE sd.staff_id = $1))
                AND d.path >= top.path AND d.path < top.path || '~')
ON CONFLICT DO NOTHING;

-- name: staff_scope_chosen
INSERT INTO staff_scope (staff_id, department_id)
SELECT sr.staff_id, d.id FROM staff_role sr JOIN role_department rd ON rd.role_id = sr.role_id
    JOIN department top ON top.id = rd.department_id
    JOIN department d ON d.path >= top.path AND d.path < top.path || '~'
    JOIN role r ON r.id = sr.role_id AND r.scope = 'chosen'
WHERE sr.staff_id = $1
ON CONFLICT DO NOTHING;

-- name: staff_set_rights
UPDATE staff SET perms = $2, scope = $3 WHERE id = $1 AND (perms <> $2 OR scope <> $3);

-- name: staff_insert
INSERT INTO staff (login, name, department_id, state, password, password_change, created_at)
VALUES ($1, $2, $3, 'active', $4, $5, $6) RETURNING id;

-- name: staff_role_add
INSERT INTO staff_role (staff_id, role_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: staff_by_login
SELECT id, name, state, password, password_change, totp_on, totp_sealed, totp_step FROM staff WHERE login = $1;

-- name: staff_password_set
UPDATE staff SET password = $2, password_change = $3, version = version + 1 WHERE id = $1;

-- name: staff_signed_in
UPDATE staff SET signed_in_at = $2 WHERE id = $1;

-- name: department_insert
INSERT INTO department (parent_id, kind, name, code, path, created_at) VALUES ($1, $2, $3, $4, '', $5) RETURNING id;

-- name: department_path_set
UPDATE department SET path = $2 WHERE id = $1;

-- name: department_path
SELECT path FROM department WHERE id = $1;

-- name: department_root
SELECT id FROM department WHERE parent_id IS NULL ORDER BY id LIMIT 1;

-- name: staff_password_get
SELECT login, password FROM staff WHERE id = $1;

-- name: session_delete_others
DELETE FROM session WHERE staff_id = $1 AND id <> $2;
