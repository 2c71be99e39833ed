SELECT e.body FROM (
  SELECT row FROM card_of WHERE card = ?1
  UNION ALL SELECT row FROM customer WHERE row > (SELECT indexed FROM standing) AND card = ?1
) c JOIN entity e ON e.row = c.row ORDER BY c.row LIMIT 1
