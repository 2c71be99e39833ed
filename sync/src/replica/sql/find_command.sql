SELECT cseq, kind, version, args FROM outbox WHERE id = ?1
