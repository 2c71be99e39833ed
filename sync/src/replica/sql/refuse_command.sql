UPDATE outbox SET state = 2, code = ?2, reason = ?3 WHERE cseq = ?1 AND state = 0
