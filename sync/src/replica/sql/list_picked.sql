SELECT kind, state, reason, args, seqs IS NOT NULL AND seqs <> '{}' FROM outbox
WHERE json_extract(args, '$.customer') = ?1 AND state < 3 AND kind = 'pick.set'
ORDER BY place LIMIT ?2
