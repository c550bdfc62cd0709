-- name: place_department
SELECT 1 FROM (SELECT id AS department_id, CAST(NULL AS BIGINT) AS staff_id FROM department WHERE id = $1 AND NOT closed) d
WHERE @scope(d);

-- name: place_staff
SELECT 1 FROM (SELECT department_id, id AS staff_id FROM staff WHERE id = $1 AND state = 'active') s WHERE @scope(s);

-- name: place_home
SELECT department_id FROM staff WHERE id = $1;

-- name: identity_remove
DELETE FROM identity WHERE id = $1 AND customer_id = $2;
