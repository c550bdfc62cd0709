-- name: report_page
SELECT r.id, r.staff_id, f.name AS staff_name, r.shared, r.name, r.kind, r.query, r.options, r.version, r.created_at, r.updated_at
FROM (SELECT id FROM report WHERE staff_id = $1 AND id > $2 UNION SELECT id FROM report WHERE shared AND id > $2 ORDER BY 1 LIMIT $3) o
JOIN report r ON r.id = o.id JOIN staff f ON f.id = r.staff_id ORDER BY r.id;

-- name: report_by_id
SELECT r.id, r.staff_id, f.name AS staff_name, r.shared, r.name, r.kind, r.query, r.options, r.version, r.created_at, r.updated_at
FROM report r JOIN staff f ON f.id = r.staff_id WHERE r.id = $1 AND (r.staff_id = $2 OR r.shared);

-- name: report_count
SELECT count(*) FROM report WHERE staff_id = $1;

-- name: report_insert
INSERT INTO report (staff_id, shared, name, kind, query, options, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id;

-- name: report_update
UPDATE report SET shared = $2, name = $3, kind = $4, query = $5, options = $6, updated_at = $7, version = version + 1
WHERE id = $1 AND version = $8;

-- name: report_delete
DELETE FROM report WHERE id = $1;

-- name: pin_list
SELECT p.id, p.staff_id, p.shared, p.width, p.place, r.id AS report_id, COALESCE(r.name, p.name) AS name, r.kind, r.query, r.options
FROM report_pin p LEFT JOIN report r ON r.id = p.report_id AND (r.shared OR r.staff_id = $1)
WHERE p.shared OR (NOT p.shared AND p.staff_id = $1 AND NOT EXISTS (SELECT 1 FROM report_pin s WHERE s.shared AND s.report_id = p.report_id))
ORDER BY p.shared DESC, p.place, p.id;

-- name: pin_by_id
SELECT p.id, p.staff_id, p.shared, p.width, p.place, r.id AS report_id, COALESCE(r.name, p.name) AS name, r.kind, r.query, r.options
FROM report_pin p LEFT JOIN report r ON r.id = p.report_id AND (r.shared OR r.staff_id = $2)
WHERE p.id = $1 AND (p.shared OR p.staff_id = $2);

-- name: pin_insert
INSERT INTO report_pin (staff_id, shared, report_id, name, width, place, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- name: pin_set_width
UPDATE report_pin SET width = $2 WHERE id = $1;

-- name: pin_places
SELECT id, place FROM report_pin WHERE (shared AND $2) OR (NOT shared AND NOT $2 AND staff_id = $1) ORDER BY place, id;

-- name: pin_set_place
UPDATE report_pin SET place = $2 WHERE id = $1;

-- name: pin_delete
DELETE FROM report_pin WHERE id = $1;

-- name: pin_report_gone
UPDATE report_pin SET report_id = NULL WHERE report_id = $1;
