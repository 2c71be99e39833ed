INSERT INTO seen (row, customer, at) VALUES (?1, ?2, ?3)
ON CONFLICT (row) DO UPDATE SET customer = ?2, at = ?3
