INSERT INTO event (claim, envelope)
VALUES (?1, ?2)
ON CONFLICT (claim) DO NOTHING
