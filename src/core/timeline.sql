-- name: timeline_after
SELECT seq, customer_id, received_ms FROM event WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3;

-- name: timeline_behind
SELECT seq, customer_id FROM event WHERE seq > $1 ORDER BY seq LIMIT $2;

