SELECT consumer, sequence, envelope, attempts, reason, given_up_at
FROM dead_letter
WHERE consumer = ?1 AND wanted = 1
ORDER BY sequence
LIMIT ?2
