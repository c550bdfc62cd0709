-- name: import_department_codes
SELECT id, code FROM department WHERE NOT closed AND code IS NOT NULL;

-- name: import_department_names
SELECT id, name FROM department WHERE NOT closed;

-- name: import_staff_logins
SELECT id, login FROM staff WHERE state = 'active';

-- name: import_staff_names
SELECT id, name FROM staff WHERE state = 'active';

-- name: import_tag_keys
SELECT id, key FROM tag WHERE removed_at IS NULL AND key IS NOT NULL;

-- name: import_tag_names
SELECT id, name FROM tag WHERE removed_at IS NULL;

-- name: import_attributes
SELECT key, name, name_en, type FROM attribute_def WHERE NOT archived ORDER BY sort, id;

-- name: import_consent
INSERT INTO consent (customer_id, channel, state, origin, changed_at) VALUES ($1, $2, $3, 'import', $4)
ON CONFLICT (customer_id, channel) DO UPDATE SET state = excluded.state, origin = excluded.origin,
    changed_at = excluded.changed_at WHERE consent.state <> excluded.state;

-- name: import_insert
INSERT INTO import (kind, name, path, ours, print, size, uploaded, mapping, state, dry, run_no, rows, bytes, took_ms, counts,
    staff_id, by_name, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE, 0, 0, 0, 0, '{}', $10, $11, $12, $13) RETURNING id;

-- name: import_by_id
SELECT id, kind, name, path, ours, print, size, uploaded, mapping, state, dry, run_no, rows, bytes, took_ms, counts, error,
    staff_id, by_name, created_at, started_at, finished_at, expires_at, version
FROM import WHERE id = $1;

-- name: import_list
SELECT id, kind, name, path, ours, print, size, uploaded, mapping, state, dry, run_no, rows, bytes, took_ms, counts, error,
    staff_id, by_name, created_at, started_at, finished_at, expires_at, version
FROM import WHERE id < $1 ORDER BY id DESC LIMIT $2;

-- name: import_by_print
SELECT id FROM import WHERE print = $1 AND kind = $2 AND mapping = $3 AND state IN ('running', 'paused') AND NOT dry
ORDER BY id DESC LIMIT 1;

-- name: import_uploaded
UPDATE import SET uploaded = $2, state = CASE WHEN $2 = size THEN 'ready' ELSE state END, version = version + 1
WHERE id = $1 AND state = 'uploading' AND uploaded = $3;

-- name: import_remap
UPDATE import SET mapping = $2, name = $3, version = version + 1 WHERE id = $1 AND state = 'ready' AND version = $4;

-- name: import_begin
UPDATE import SET state = 'running', dry = $2, run_no = run_no + 1, rows = 0, bytes = 0, took_ms = 0, counts = '{}',
    error = NULL, started_at = $3, finished_at = NULL, version = version + 1
WHERE id = $1 AND state = 'ready';

-- name: import_move
UPDATE import SET state = $2, run_no = run_no + 1, finished_at = $3, expires_at = $4, version = version + 1
WHERE id = $1 AND version = $5;

-- name: import_at
SELECT run_no FROM import WHERE id = $1 AND run_no = $2 AND rows = $3 AND state = 'running';

-- name: import_keep
UPDATE import SET rows = $2, bytes = $3, took_ms = took_ms + $4, counts = $5, state = $6, finished_at = $7,
    expires_at = $8, version = version + 1
WHERE id = $1;

-- name: import_fail
UPDATE import SET state = $2, error = $3, finished_at = $4, run_no = run_no + 1, version = version + 1
WHERE id = $1 AND state = 'running';

-- name: import_line_add
INSERT INTO import_line (import_id, row_no, line, line_no, code, field, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: import_lines
SELECT row_no, line, line_no, code, field, sealed FROM import_line WHERE import_id = $1 AND row_no > $2
ORDER BY row_no LIMIT $3;

-- name: import_lines_forget
DELETE FROM import_line WHERE import_id = $1;

-- name: import_delete
DELETE FROM import WHERE id = $1;

-- name: import_lines_forget_some
DELETE FROM import_line WHERE import_id = $1
    AND row_no IN (SELECT l.row_no FROM import_line l WHERE l.import_id = $1 ORDER BY l.row_no LIMIT $2);

-- name: import_expired
SELECT id FROM import WHERE expires_at <= $1 AND state <> 'running' ORDER BY expires_at LIMIT 1;
