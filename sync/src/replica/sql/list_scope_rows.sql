SELECT e.row, e.version, e.scope, e.hash, k.name, e.id FROM entity e CROSS JOIN kind k ON k.kind = e.kind
WHERE e.row > ?2 AND e.scope = ?1 ORDER BY e.row LIMIT ?3
