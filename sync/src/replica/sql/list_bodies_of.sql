SELECT k.name, e.id, e.version, e.body, e.hash, e.row FROM entity e CROSS JOIN kind k ON k.kind = e.kind
WHERE e.scope = ?1 OR EXISTS (SELECT 1 FROM also_in a WHERE a.row = e.row AND a.scope = ?1)
