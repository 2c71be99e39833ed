INSERT INTO customer (row, words, phone, card, email, visit) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (row) DO UPDATE SET words = ?2, phone = ?3, card = ?4, email = ?5, visit = ?6
WHERE words IS NOT ?2 OR phone IS NOT ?3 OR card IS NOT ?4 OR email IS NOT ?5 OR visit IS NOT ?6
