-- name: erase_event
UPDATE event SET props = $2 WHERE seq = $1;
