INSERT INTO stock (row, sku, on_hand) VALUES (?1, ?2, ?3)
ON CONFLICT (row) DO UPDATE SET sku = ?2, on_hand = ?3
