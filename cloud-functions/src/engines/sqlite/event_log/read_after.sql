SELECT sequence, envelope FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2
