INSERT INTO item (row, sku, gtin, style, department, title, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (row) DO UPDATE SET sku = ?2, gtin = ?3, style = ?4, department = ?5, title = ?6, words = ?7
