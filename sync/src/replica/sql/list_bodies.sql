SELECT e.body FROM entity e JOIN kind k ON k.kind = e.kind WHERE k.name = ?1 AND e.id > ?2 ORDER BY e.id LIMIT ?3
