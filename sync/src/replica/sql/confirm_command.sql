UPDATE outbox SET state = 1, seqs = ?2 WHERE cseq = ?1 AND state = 0
