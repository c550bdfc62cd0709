-- name: staff_by_id
SELECT s.id, s.login, s.name, s.mobile_sealed AS mobile, s.state, s.department_id, d.name AS department_name,
    s.totp_on AS totp, s.password_change, s.signed_in_at, s.created_at, s.version
FROM staff s JOIN department d ON d.id = s.department_id
WHERE s.id = $1
    AND (s.id = $2 OR EXISTS (SELECT 1 FROM staff_department m WHERE m.staff_id = s.id AND @scope(m)));

-- name: staff_page
SELECT s.id, s.login, s.name, s.mobile_sealed AS mobile, s.state, s.department_id, d.name AS department_name,
    s.totp_on AS totp, s.password_change, s.signed_in_at, s.created_at, s.version
FROM staff s JOIN department d ON d.id = s.department_id
WHERE s.id > $1
    AND (s.id = $2 OR EXISTS (SELECT 1 FROM staff_department m WHERE m.staff_id = s.id AND @scope(m)))
    AND (CAST($3 AS TEXT) IS NULL OR EXISTS (
        SELECT 1 FROM staff_department m JOIN department w ON w.id = m.department_id
        WHERE m.staff_id = s.id AND w.path >= $3 AND w.path < $3 || '~'))
    AND (CAST($4 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM staff_role sr WHERE sr.staff_id = s.id AND sr.role_id = $4))
    AND (CAST($5 AS TEXT) IS NULL OR s.state = $5)
    AND (CAST($6 AS TEXT) IS NULL OR lower(s.name) LIKE $6 ESCAPE '!' OR s.login LIKE $6 ESCAPE '!')
ORDER BY s.id LIMIT $7;

-- name: staff_others_of
SELECT m.department_id FROM staff_department m JOIN staff s ON s.id = m.staff_id
WHERE m.staff_id = $1 AND m.department_id <> s.department_id ORDER BY m.department_id;

-- name: staff_roles_of
SELECT role_id FROM staff_role WHERE staff_id = $1 ORDER BY role_id;

-- name: staff_id_by_login
SELECT id FROM staff WHERE login = $1;

-- name: staff_login_by_id
SELECT login FROM staff WHERE id = $1;

-- name: staff_insert
INSERT INTO staff (login, name, mobile_sealed, department_id, state, password, password_change, created_at)
VALUES ($1, $2, $3, $4, 'active', $5, $6, $7) RETURNING id;

-- name: staff_update
UPDATE staff SET login = $2, name = $3, department_id = $4, version = version + 1 WHERE id = $1;

-- name: staff_mobile_set
UPDATE staff SET mobile_sealed = $2 WHERE id = $1;

-- name: staff_places_clear
DELETE FROM staff_department WHERE staff_id = $1;

-- name: staff_place_add
INSERT INTO staff_department (staff_id, department_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: staff_roles_clear
DELETE FROM staff_role WHERE staff_id = $1;

-- name: staff_role_add
INSERT INTO staff_role (staff_id, role_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: staff_state_set
UPDATE staff SET state = $2, password_change = password_change OR $3, version = version + 1 WHERE id = $1;

-- name: staff_owners_active
SELECT count(*) FROM role r JOIN staff_role sr ON sr.role_id = r.id JOIN staff s ON s.id = sr.staff_id
WHERE r.key = 'owner' AND s.state = 'active';

-- name: staff_password_set
UPDATE staff SET password = $2, password_change = $3, version = version + 1 WHERE id = $1;

-- name: staff_totp_clear
UPDATE staff SET totp_on = $2, totp_sealed = NULL, version = version + 1 WHERE id = $1;
