UPDATE outbox SET cseq = ?2 WHERE place = ?1
