SELECT id, kind, issued_at, state, reason, args, code FROM outbox WHERE state <> 1 ORDER BY place LIMIT ?1
