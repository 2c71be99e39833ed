SELECT id, kind, issued_at, state, reason, args FROM outbox WHERE state <> 1 ORDER BY cseq LIMIT ?1
