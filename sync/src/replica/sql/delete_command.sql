DELETE FROM outbox WHERE cseq = ?1 AND state = 1
