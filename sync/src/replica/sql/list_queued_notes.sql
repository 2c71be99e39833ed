SELECT id, state, reason, args FROM outbox
WHERE kind = 'note.add' AND json_extract(args, '$.customer') = ?1 ORDER BY cseq DESC LIMIT ?2
