-- name: account_by_login
SELECT id, name, state, password, totp_on, totp_sealed FROM staff WHERE login = $1;

-- Only while nothing has changed since the password was looked at.
-- name: account_signed_in
UPDATE staff SET signed_in_at = $2 WHERE id = $1 AND state = 'active' AND password = $3;

-- name: account_totp_step
UPDATE staff SET totp_step = $2 WHERE id = $1 AND totp_step < $2;

-- name: account_me
SELECT s.login, s.department_id, d.name AS department_name, s.totp_on
FROM staff s JOIN department d ON d.id = s.department_id WHERE s.id = $1;

-- name: account_own
SELECT login, password, totp_on, totp_sealed FROM staff WHERE id = $1;

-- name: account_totp_enrol
UPDATE staff SET totp_sealed = $2 WHERE id = $1 AND NOT totp_on;

-- name: account_totp_confirm
UPDATE staff SET totp_on = $2, totp_step = $3, version = version + 1 WHERE id = $1 AND NOT totp_on;
