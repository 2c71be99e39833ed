SELECT e.body FROM stock s JOIN entity e ON e.row = s.row WHERE s.sku = ?1 ORDER BY s.row LIMIT 1
