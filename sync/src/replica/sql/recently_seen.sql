SELECT e.row, s.at FROM seen s
JOIN entity e ON e.kind = (SELECT kind FROM kind WHERE name = 'customer') AND e.id = s.customer
ORDER BY s.at DESC, s.row LIMIT ?1
