-- name: identity_by_key
SELECT id, customer_id, verified FROM identity WHERE kind = $1 AND scope = $2 AND value_key = $3;

-- name: identity_block_has
SELECT 1 FROM identity_block WHERE kind = $1 AND value_key = $2;

-- name: identity_count
SELECT count(*) FROM identity WHERE customer_id = $1 AND kind = $2 AND scope = $3;

-- name: identity_insert
INSERT INTO identity (customer_id, kind, scope, value_key, sealed, verified, origin, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: identity_verify
UPDATE identity SET verified = TRUE WHERE id = $1;

-- name: identity_delete
DELETE FROM identity WHERE id = $1;

-- name: identity_conflict_add
INSERT INTO identity_conflict (customer_id, other_id, kind, scope, sealed, reason, origin, created_at)
SELECT $1, CAST($2 AS BIGINT), $3, $4, $5, $6, $7, $8
WHERE NOT EXISTS (SELECT 1 FROM identity_conflict c
                  WHERE c.customer_id = $1 AND c.kind = $3 AND c.scope = $4 AND c.reason = $6 AND c.resolved_at IS NULL
                    AND coalesce(c.other_id, 0) = coalesce(CAST($2 AS BIGINT), 0));
