SELECT e.body FROM history h JOIN entity e ON e.row = h.row
WHERE h.customer = ?1 AND h.kind = (SELECT kind FROM kind WHERE name = ?2)
ORDER BY h.at DESC, e.id DESC LIMIT ?3
