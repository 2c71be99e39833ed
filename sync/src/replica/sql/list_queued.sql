SELECT cseq, id, kind, version, args, issued_at FROM outbox WHERE state = 0 ORDER BY place LIMIT ?1
