-- name: customer_insert
INSERT INTO customer (name, attrs, channel, department_id, staff_id, joined_at, created_at)
VALUES ($1, '{}', $2, $3, $4, $5, $6) RETURNING id;

-- name: customer_by_id
SELECT c.id, c.name, c.gender, c.birthday, c.city, c.address_sealed, c.remark, c.attrs, c.stage_id, c.department_id,
    c.staff_id, c.channel, c.joined_at, c.seen_at, c.version
FROM customer c WHERE c.id = $1 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c);

-- name: customer_any_by_id
SELECT c.id, c.name, c.gender, c.birthday, c.city, c.address_sealed, c.remark, c.attrs, c.stage_id, c.department_id,
    c.staff_id, c.channel, c.joined_at, c.seen_at, c.version
FROM customer c WHERE c.id = $1;

-- name: customer_visible
SELECT 1 FROM customer c WHERE c.id = $1 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c);

-- name: customer_identities
SELECT id, kind, scope, value_key, sealed, verified, origin, created_at FROM identity WHERE customer_id = $1 ORDER BY id;

-- name: customer_merged_into
SELECT merged_into FROM customer WHERE id = $1;

-- name: customer_family
WITH RECURSIVE family (id) AS (
    SELECT id FROM customer WHERE id = $1
    UNION
    SELECT c.id FROM customer c JOIN family f ON c.merged_into = f.id
)
SELECT id FROM family LIMIT 1000;

-- name: customer_nameless
SELECT CASE WHEN c.name IS NULL AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.customer_id = c.id AND i.kind <> 'device')
            THEN 1 ELSE 0 END
FROM customer c WHERE c.id = $1;

-- name: customer_update
UPDATE customer SET name = $2, gender = $3, birthday = $4, city = $5, address_sealed = $6, remark = $7, attrs = $8,
    department_id = $9, staff_id = $10, channel = $11, joined_at = $12, birth_md = $13, version = version + 1
WHERE id = $1;

-- name: customer_seen
UPDATE customer SET seen_at = $2 WHERE id = $1 AND (seen_at IS NULL OR seen_at < $2);

-- name: customer_seen_since
UPDATE customer SET seen_at = $2 WHERE id = $1 AND (seen_at IS NULL OR seen_at < $3);

-- name: department_exists
SELECT 1 FROM department WHERE id = $1 AND NOT closed;

-- name: staff_exists
SELECT 1 FROM staff WHERE id = $1 AND state = 'active';
