SELECT row FROM customer WHERE card >= ?1 AND card < ?2 ORDER BY card, row LIMIT ?3
