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
