SELECT e.row, k.name, e.id FROM entity e JOIN kind k ON k.kind = e.kind WHERE e.scope = ?1
