SELECT row FROM customer WHERE email >= ?1 AND email < ?2 ORDER BY email, row LIMIT ?3
