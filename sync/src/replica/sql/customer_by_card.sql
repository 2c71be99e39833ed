SELECT e.body FROM customer c JOIN entity e ON e.row = c.row WHERE c.card = ?1 ORDER BY c.row LIMIT 1
