UPDATE dead_letter SET wanted = 1 WHERE consumer = ?1 AND (?2 IS NULL OR sequence = ?2)
