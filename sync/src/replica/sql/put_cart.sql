INSERT INTO cart (row, customer, open, at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (row) DO UPDATE SET customer = ?2, open = ?3, at = ?4
