SELECT cseq, seqs FROM outbox WHERE state = 1 ORDER BY place
