INSERT INTO customer (row, words, phone, card, email, visit) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (row) DO UPDATE SET words = ?2, phone = ?3, card = ?4, email = ?5, visit = ?6
