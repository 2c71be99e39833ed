SELECT e.body FROM item i JOIN entity e ON e.row = i.row WHERE i.gtin = ?1 ORDER BY i.sku LIMIT 1
