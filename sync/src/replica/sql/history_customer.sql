SELECT h.customer FROM entity e JOIN kind k ON k.kind = e.kind JOIN history h ON h.row = e.row
WHERE k.name = ?1 AND e.id = ?2
