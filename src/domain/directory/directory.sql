-- name: directory_person
SELECT c.id, c.name, c.gender, c.birthday, c.city, c.stage_id, c.department_id, c.staff_id, c.channel, c.joined_at, c.seen_at,
  coalesce(s.order_count, 0) AS order_count, coalesce(s.order_fen, 0) AS order_fen, s.last_at AS last_order_at,
  (SELECT q.tier FROM rfm_current q WHERE q.customer_id = c.id) AS rfm_tier, c.attrs
FROM customer c LEFT JOIN customer_sales s ON s.customer_id = c.id WHERE c.id = $1;

-- name: directory_owner
SELECT customer_id FROM identity WHERE kind = $1 AND value_key = $2 LIMIT $3;

-- name: directory_mobile
SELECT sealed FROM identity WHERE customer_id = $1 AND kind = 'mobile' ORDER BY id LIMIT 1;

-- name: directory_tags
SELECT x.tag_id FROM customer_tag x JOIN tag t ON t.id = x.tag_id WHERE x.customer_id = $1 AND t.removed_at IS NULL ORDER BY x.tag_id;

-- name: bulk_change_add
INSERT INTO bulk_change (job_id, customer_id, tag_id, added, at) VALUES ($1, $2, $3, $4, $5);

-- name: bulk_change_count
SELECT count(*) FROM bulk_change WHERE job_id = $1;

-- name: bulk_changes
SELECT id, customer_id, tag_id, added FROM bulk_change WHERE job_id = $1 AND id > $2 ORDER BY id LIMIT 500;

-- name: bulk_changes_clean
DELETE FROM bulk_change WHERE at < $1;

-- name: bulk_job
SELECT state FROM job WHERE id = $1 AND kind = 'bulk_tag' AND by_staff_id = $2;

-- name: bulk_state
SELECT state, done, total FROM job WHERE id = $1 AND kind IN ('bulk_tag', 'bulk_undo') AND by_staff_id = $2;

-- name: view_list
SELECT v.id, v.staff_id, f.name AS staff_name, v.shared, v.name, v.condition, v.options, v.version
FROM view v JOIN staff f ON f.id = v.staff_id WHERE v.staff_id = $1 OR v.shared ORDER BY v.name, v.id LIMIT 500;

-- name: view_by_id
SELECT v.id, v.staff_id, f.name AS staff_name, v.shared, v.name, v.condition, v.options, v.version
FROM view v JOIN staff f ON f.id = v.staff_id WHERE v.id = $1 AND v.staff_id = $2;

-- name: view_count
SELECT count(*) FROM view WHERE staff_id = $1;

-- name: view_insert
INSERT INTO view (staff_id, shared, name, condition, options, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id;

-- name: view_update
UPDATE view SET shared = $2, name = $3, condition = $4, options = $5, version = version + 1 WHERE id = $1 AND version = $6;

-- name: view_delete
DELETE FROM view WHERE id = $1;
