DELETE FROM outbox WHERE id = ?1 AND state IN (2, 3)
