-- name: timeline_after
SELECT seq, customer_id, received_ms FROM event WHERE seq > $1 ORDER BY seq LIMIT $2;

-- name: timeline_after @pg
SELECT seq, customer_id, received_ms FROM event
WHERE seq > $1 AND xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)
ORDER BY seq LIMIT $2;
