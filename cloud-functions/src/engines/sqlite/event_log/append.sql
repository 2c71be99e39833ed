INSERT INTO event (source, id, envelope)
VALUES (?1, ?2, ?3)
ON CONFLICT (source, id) DO NOTHING
