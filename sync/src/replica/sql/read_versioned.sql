SELECT e.body, e.version FROM entity e JOIN kind k ON k.kind = e.kind WHERE k.name = ?1 AND e.id = ?2
