SELECT e.body FROM item i JOIN entity e ON e.row = i.row WHERE i.style = ?1 ORDER BY i.sku LIMIT ?2
