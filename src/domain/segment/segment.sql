-- name: segment_page
SELECT s.id, s.name, s.description, s.kind, s.condition, s.state, s.people,
    (SELECT coalesce(sum(d.entered), 0) FROM segment_day d WHERE d.segment_id = s.id AND d.day > $3) AS entered_7d,
    (SELECT coalesce(sum(d.exited), 0) FROM segment_day d WHERE d.segment_id = s.id AND d.day > $3) AS exited_7d,
    (SELECT count(*) FROM segment_use u WHERE u.segment_id = s.id) AS uses, s.by_name, s.version, s.created_at, s.changed_at
FROM segment s WHERE s.id > $1 AND s.name LIKE $2 ESCAPE '!' ORDER BY s.id LIMIT $4;

-- name: segment_by_id
SELECT s.id, s.name, s.description, s.kind, s.condition, s.state, s.people,
    (SELECT coalesce(sum(d.entered), 0) FROM segment_day d WHERE d.segment_id = s.id AND d.day > $2) AS entered_7d,
    (SELECT coalesce(sum(d.exited), 0) FROM segment_day d WHERE d.segment_id = s.id AND d.day > $2) AS exited_7d,
    (SELECT count(*) FROM segment_use u WHERE u.segment_id = s.id) AS uses, s.by_name, s.version, s.created_at, s.changed_at
FROM segment s WHERE s.id = $1;

-- name: segment_count
SELECT count(*) FROM segment;

-- name: segment_insert
INSERT INTO segment (name, description, kind, condition, state, by_staff_id, by_name, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING id;

-- name: segment_update
UPDATE segment SET name = $2, description = $3, condition = $4, state = $5, changed_at = $6, version = version + 1
WHERE id = $1 AND version = $7;

-- name: segment_delete_members
DELETE FROM segment_member WHERE segment_id = $1;

-- name: segment_delete_days
DELETE FROM segment_day WHERE segment_id = $1;

-- name: segment_delete
DELETE FROM segment WHERE id = $1;

-- name: segment_find
SELECT kind, condition FROM segment WHERE id = $1;

-- name: segment_uses_of
DELETE FROM segment_use WHERE owner = 'segment' AND owner_id = $1;

-- name: segment_use_segment
INSERT INTO segment_use (segment_id, owner, owner_id) VALUES ($1, 'segment', $2) ON CONFLICT (segment_id, owner, owner_id) DO NOTHING;

-- name: segment_tags_of
DELETE FROM condition_use WHERE owner = 'segment' AND owner_id = $1;

-- name: segment_use_tag
INSERT INTO condition_use (tag_id, owner, owner_id) VALUES ($1, 'segment', $2) ON CONFLICT (tag_id, owner, owner_id) DO NOTHING;

-- name: segment_tag_id
SELECT id FROM tag WHERE key = $1;

-- Only living people, only of a segment that is still there.
-- name: segment_member_add
INSERT INTO segment_member (segment_id, customer_id, since_at)
SELECT s.id, c.id, CAST($3 AS BIGINT) FROM segment s JOIN customer c ON c.id = $2 AND c.merged_into IS NULL AND c.erased_at IS NULL
WHERE s.id = $1
ON CONFLICT (segment_id, customer_id) DO NOTHING;

-- name: segment_member_remove
DELETE FROM segment_member WHERE segment_id = $1 AND customer_id = $2;

-- name: segment_people_add
UPDATE segment SET people = people + $2 WHERE id = $1 RETURNING people;

-- name: segment_day_put
INSERT INTO segment_day (segment_id, day, people, entered, exited) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (segment_id, day) DO UPDATE SET people = excluded.people, entered = segment_day.entered + excluded.entered,
    exited = segment_day.exited + excluded.exited;

-- name: segment_days
SELECT day, people, entered, exited FROM segment_day WHERE segment_id = $1 AND day >= $2 AND day <= $3 ORDER BY day;

-- The last one before: how large it was when the days begin.
-- name: segment_day_before
SELECT people FROM segment_day WHERE segment_id = $1 AND day < $2 ORDER BY day DESC LIMIT 1;

-- name: segment_all
SELECT id, kind, condition, state, version FROM segment ORDER BY id;

-- name: segment_members
SELECT customer_id FROM segment_member WHERE segment_id = $1 AND customer_id > $2 ORDER BY customer_id LIMIT $3;

-- name: segment_ready
UPDATE segment SET state = 'ready' WHERE id = $1 AND version = $2;

-- name: segment_copy
INSERT INTO segment_member (segment_id, customer_id, since_at)
SELECT CAST($2 AS BIGINT), m.customer_id, CAST($3 AS BIGINT) FROM segment_member m WHERE m.segment_id = $1;

-- name: segment_of_customer
SELECT m.segment_id, s.name, s.kind, m.since_at FROM segment_member m JOIN segment s ON s.id = m.segment_id
WHERE m.customer_id = $1 ORDER BY m.since_at DESC, m.segment_id;

-- name: segment_of_person
SELECT segment_id FROM segment_member WHERE customer_id = $1;

-- name: segment_lists_of
SELECT m.segment_id FROM segment_member m JOIN segment s ON s.id = m.segment_id WHERE m.customer_id = $1 AND s.kind = 'list';

-- name: segment_visible
SELECT 1 FROM customer c WHERE c.id = $1 AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c);

-- name: segment_moved
SELECT row_id, data FROM merge_move WHERE merge_id = $1 AND kind = 'segment' ORDER BY id;

-- Lists as sets of the index.
-- name: segment_anybody
SELECT 1 FROM segment_member WHERE segment_id = $1 LIMIT 1;
