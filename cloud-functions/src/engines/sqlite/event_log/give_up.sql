INSERT INTO dead_letter (consumer, sequence, envelope, attempts, reason, given_up_at, wanted)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
ON CONFLICT (consumer, sequence) DO UPDATE SET
    attempts    = excluded.attempts,
    reason      = excluded.reason,
    given_up_at = excluded.given_up_at,
    wanted      = 0
