SELECT row, email FROM email_of WHERE email >= ?1 AND email < ?2
UNION ALL
SELECT row, email FROM customer WHERE row > (SELECT indexed FROM standing) AND email >= ?1 AND email < ?2
ORDER BY email, row LIMIT ?3
