SELECT e.id FROM cart c JOIN entity e ON e.row = c.row WHERE c.open = 1 ORDER BY c.at DESC, e.id DESC LIMIT ?1
