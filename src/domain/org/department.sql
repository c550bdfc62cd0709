-- name: department_list
SELECT d.id, d.parent_id, d.kind, d.name, d.code, d.sort, d.closed,
    (SELECT count(*) FROM staff_department m JOIN staff s ON s.id = m.staff_id
     WHERE m.department_id = d.id AND s.state <> 'left') AS staff,
    (SELECT count(*) FROM department c WHERE c.parent_id = d.id) AS children,
    @scope(d) AS in_scope, d.version
FROM (SELECT id, parent_id, kind, name, code, path, sort, closed, version,
          id AS department_id, CAST(0 AS BIGINT) AS staff_id FROM department) d
WHERE d.id > $1
    AND (CAST($2 AS BIGINT) IS NULL OR d.parent_id = $2)
    AND (CAST($3 AS TEXT) IS NULL OR (d.path >= $3 AND d.path < $3 || '~'))
    AND (CAST($4 AS TEXT) IS NULL OR d.kind = $4)
    AND (CAST($5 AS BIGINT) IS NULL OR ($5 = 1 AND d.closed) OR ($5 = 0 AND NOT d.closed))
    AND (CAST($6 AS TEXT) IS NULL OR lower(d.name) LIKE $6 ESCAPE '!' OR lower(d.code) LIKE $6 ESCAPE '!')
ORDER BY d.id LIMIT $7;

-- name: department_by_id
SELECT d.id, d.parent_id, d.kind, d.name, d.code, d.sort, d.closed,
    (SELECT count(*) FROM staff_department m JOIN staff s ON s.id = m.staff_id
     WHERE m.department_id = d.id AND s.state <> 'left') AS staff,
    (SELECT count(*) FROM department c WHERE c.parent_id = d.id) AS children,
    @scope(d) AS in_scope, d.version
FROM (SELECT id, parent_id, kind, name, code, sort, closed, version,
          id AS department_id, CAST(0 AS BIGINT) AS staff_id FROM department WHERE id = $1) d;

-- name: department_insert
INSERT INTO department (parent_id, kind, name, code, sort, path, created_at)
VALUES ($1, $2, $3, $4, $5, '', $6) RETURNING id;

-- name: department_path_set
UPDATE department SET path = $2 WHERE id = $1;

-- name: department_path_get
SELECT path FROM department WHERE id = $1;

-- name: department_root_id
SELECT id FROM department WHERE parent_id IS NULL;

-- name: department_by_code
SELECT id FROM department WHERE code = $1;

-- name: department_count
SELECT count(*) FROM department;

-- name: department_update
UPDATE department SET name = $2, code = $3, kind = $4, sort = $5, version = version + 1 WHERE id = $1;

-- name: department_close
UPDATE department SET closed = $2, version = version + 1 WHERE id = $1;

-- name: department_parent_set
UPDATE department SET parent_id = $2, version = version + 1 WHERE id = $1;

-- The whole subtree: what stood under $1 stands under $2.
-- name: department_paths_move
UPDATE department SET path = $2 || substr(path, length(CAST($1 AS TEXT)) + 1) WHERE path >= $1 AND path < $1 || '~';

-- name: department_children_kinds
SELECT DISTINCT kind FROM department WHERE parent_id = $1;

-- name: department_children_open
SELECT count(*) FROM department WHERE parent_id = $1 AND NOT closed;

-- How many floors the lowest department of a subtree stands below the root.
-- name: department_depth
SELECT max(length(path) - length(replace(path, '/', ''))) - 1 FROM department WHERE path >= $1 AND path < $1 || '~';

-- name: department_uses
SELECT (SELECT count(*) FROM department WHERE parent_id = $1)
    + (SELECT count(*) FROM staff_department WHERE department_id = $1)
    + (SELECT count(*) FROM role_department WHERE department_id = $1);

-- name: department_scope_delete
DELETE FROM staff_scope WHERE department_id = $1;

-- name: department_delete
DELETE FROM department WHERE id = $1;
