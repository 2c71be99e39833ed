INSERT INTO history (row, kind, customer, at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (row) DO UPDATE SET customer = ?3, at = ?4 WHERE customer IS NOT ?3 OR at IS NOT ?4
