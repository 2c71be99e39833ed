SELECT id, kind, version, issued_at, state, code, reason, args FROM outbox WHERE state <> 1 ORDER BY place
