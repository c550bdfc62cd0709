-- name: rule_active
SELECT id, tag_id, condition FROM tag_rule WHERE active ORDER BY id;

-- name: stage_conditions
SELECT id, condition FROM stage WHERE condition IS NOT NULL ORDER BY sort DESC, id DESC;

-- name: rule_tags_named
SELECT DISTINCT tag_id FROM condition_use WHERE owner IN ('rule', 'stage');

-- name: rule_hit
INSERT INTO tag_rule_hit (rule_id, customer_id, added, reason, at) VALUES ($1, $2, $3, $4, $5);

-- name: rule_count_hit
UPDATE tag_rule SET added = added + $2, removed = removed + $3 WHERE id = $1;

-- name: rule_hits_clean
DELETE FROM tag_rule_hit WHERE at < $1;

-- name: rule_person_stage
SELECT stage_id FROM customer WHERE id = $1 AND merged_into IS NULL AND erased_at IS NULL;

-- name: rule_stage_set
UPDATE customer SET stage_id = $2 WHERE id = $1;

-- name: rule_stage_change
INSERT INTO stage_change (customer_id, from_id, to_id, at) VALUES ($1, $2, $3, $4);

-- name: rule_timer_put
INSERT INTO rule_timer (customer_id, due_at) VALUES ($1, $2)
ON CONFLICT (customer_id) DO UPDATE SET due_at = excluded.due_at;

-- name: rule_timer_remove
DELETE FROM rule_timer WHERE customer_id = $1;

-- name: rule_timer_first
SELECT min(due_at) FROM rule_timer;

-- name: rule_timers_due
SELECT customer_id FROM rule_timer WHERE due_at <= $1 ORDER BY due_at LIMIT $2;

-- name: rule_everybody
SELECT id FROM customer WHERE id > $1 AND merged_into IS NULL AND erased_at IS NULL ORDER BY id LIMIT $2;

-- name: rule_everybody_count
SELECT count(*) FROM customer WHERE merged_into IS NULL AND erased_at IS NULL;

-- name: rule_applied
UPDATE tag_rule SET applied_at = $1 WHERE active;

-- name: condition_use_clear
DELETE FROM condition_use WHERE owner = $1 AND owner_id = $2;

-- name: segment_use_clear
DELETE FROM segment_use WHERE owner = $1 AND owner_id = $2;

-- name: segment_use_add
INSERT INTO segment_use (segment_id, owner, owner_id) VALUES ($1, $2, $3) ON CONFLICT (segment_id, owner, owner_id) DO NOTHING;

-- name: condition_use_add
INSERT INTO condition_use (tag_id, owner, owner_id) VALUES ($1, $2, $3) ON CONFLICT (tag_id, owner, owner_id) DO NOTHING;

-- name: rule_edges
SELECT r.tag_id, u.tag_id FROM condition_use u JOIN tag_rule r ON r.id = u.owner_id WHERE u.owner = 'rule';

-- name: rule_list
SELECT r.id, r.tag_id, t.name AS tag_name, r.condition, r.active, r.added, r.removed, r.applied_at, r.version
FROM tag_rule r JOIN tag t ON t.id = r.tag_id WHERE r.id > $1 AND r.ending IS NULL AND t.removed_at IS NULL ORDER BY r.id LIMIT $2;

-- name: rule_of_tag
SELECT r.id, r.tag_id, t.name AS tag_name, r.condition, r.active, r.added, r.removed, r.applied_at,
    (SELECT count(*) FROM customer_tag x WHERE x.tag_id = r.tag_id AND x.source = 'rule') AS given, r.version
FROM tag_rule r JOIN tag t ON t.id = r.tag_id WHERE r.tag_id = $1 AND r.ending IS NULL;

-- name: rule_is_ending
SELECT 1 FROM tag_rule WHERE tag_id = $1 AND ending IS NOT NULL;

-- name: rule_ending_begin
UPDATE tag_rule SET active = FALSE, ending = $2, version = version + 1 WHERE id = $1;

-- name: rule_ending_get
SELECT tag_id, ending FROM tag_rule WHERE id = $1 AND ending IS NOT NULL;

-- name: rule_given_count
SELECT count(*) FROM customer_tag WHERE tag_id = $1 AND source = 'rule';

-- name: rule_given_people
SELECT customer_id FROM customer_tag WHERE tag_id = $1 AND source = 'rule' AND customer_id > $2 ORDER BY customer_id LIMIT $3;

-- name: rule_given_keep
UPDATE customer_tag SET source = 'manual', by_name = $3 WHERE customer_id = $1 AND tag_id = $2 AND source = 'rule';

-- name: rule_hits_strip
DELETE FROM tag_rule_hit WHERE id IN (SELECT id FROM tag_rule_hit WHERE rule_id = $1 ORDER BY id LIMIT 2000);

-- name: rule_delete
DELETE FROM tag_rule WHERE id = $1;

-- name: rule_put
INSERT INTO tag_rule (tag_id, condition, active, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tag_id) DO UPDATE SET condition = excluded.condition, active = excluded.active, version = tag_rule.version + 1
RETURNING id;

-- name: rule_hits_of
SELECT h.id, h.customer_id, c.name AS customer_name, h.added, h.reason, h.at
FROM tag_rule_hit h JOIN customer c ON c.id = h.customer_id
WHERE h.rule_id = $1 AND h.id < $2 AND @scope(c) ORDER BY h.id DESC LIMIT $3;

-- name: stage_list
SELECT st.id, st.key, st.name, st.name_en, st.color, st.sort, st.condition,
    (SELECT count(*) FROM customer c WHERE c.stage_id = st.id AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)) AS people,
    st.version
FROM stage st ORDER BY st.sort, st.id;

-- name: stage_by_id
SELECT st.id, st.key, st.name, st.name_en, st.color, st.sort, st.condition,
    (SELECT count(*) FROM customer c WHERE c.stage_id = st.id AND c.merged_into IS NULL AND c.erased_at IS NULL AND @scope(c)) AS people,
    st.version
FROM stage st WHERE st.id = $1;

-- name: stage_insert
INSERT INTO stage (key, name, name_en, color, sort, condition, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id;

-- name: stage_seed
INSERT INTO stage (key, name, name_en, color, sort, condition, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (key) DO NOTHING;

-- name: stage_any
SELECT count(*) FROM stage;

-- name: stage_update
UPDATE stage SET name = $2, name_en = $3, color = $4, sort = $5, condition = $6, version = version + 1 WHERE id = $1 AND version = $7;

-- name: stage_people
SELECT count(*) FROM customer WHERE stage_id = $1;

-- name: stage_history
SELECT count(*) FROM stage_change WHERE from_id = $1 OR to_id = $1;

-- name: stage_delete
DELETE FROM stage WHERE id = $1;

-- name: stage_changes_move
INSERT INTO merge_move (merge_id, kind, row_id) SELECT $1, 'stage_change', id FROM stage_change WHERE customer_id = $2;

-- name: timers_forget
DELETE FROM rule_timer WHERE customer_id = $1;

-- name: hits_forget
DELETE FROM tag_rule_hit WHERE customer_id = $1;

-- name: blocks_forget
DELETE FROM tag_block WHERE customer_id = $1;
