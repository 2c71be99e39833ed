SELECT e.id FROM cart_order o JOIN entity e ON e.row = o.row WHERE o.receipt = ?1 ORDER BY e.id LIMIT 1
