SELECT place FROM outbox WHERE state = 0 OR (state = 1 AND cseq >= ?1) ORDER BY place
