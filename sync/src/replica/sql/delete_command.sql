DELETE FROM outbox WHERE cseq = ?1
