UPDATE outbox SET state = 0, seqs = NULL WHERE state = 1 AND cseq > ?1
