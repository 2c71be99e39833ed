SELECT count(*) FROM entity e JOIN kind k ON k.kind = e.kind WHERE k.name = ?1
