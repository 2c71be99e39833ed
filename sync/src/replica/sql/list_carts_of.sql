SELECT e.id FROM cart c JOIN entity e ON e.row = c.row WHERE c.customer = ?2 AND c.open = 1
ORDER BY c.at DESC, e.id DESC LIMIT ?1
