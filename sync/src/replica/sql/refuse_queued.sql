UPDATE outbox SET state = 2, code = ?1, reason = ?2 WHERE state = 0
