SELECT consumer, sequence, envelope, attempts, reason, given_up_at
FROM dead_letter
WHERE (consumer, sequence) > (?1, ?2) AND (?3 IS NULL OR consumer = ?3)
ORDER BY consumer, sequence
LIMIT ?4
