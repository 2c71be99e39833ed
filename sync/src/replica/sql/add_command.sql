INSERT INTO outbox (cseq, id, kind, version, args, issued_at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
