SELECT e.row, e.kind, e.id, e.version, e.scope, e.body, k.name FROM entity e CROSS JOIN kind k ON k.kind = e.kind ORDER BY e.row
