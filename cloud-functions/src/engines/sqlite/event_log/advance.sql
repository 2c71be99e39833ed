INSERT INTO consumer (name, sequence)
VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET sequence = max(sequence, excluded.sequence)
