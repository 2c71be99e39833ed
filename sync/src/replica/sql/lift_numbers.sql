UPDATE outbox SET cseq = -place, state = 0, seqs = NULL WHERE state = 0 OR (state = 1 AND cseq >= ?1)
