UPDATE outbox SET state = 2, reason = ?2 WHERE cseq = ?1 AND state = 0
