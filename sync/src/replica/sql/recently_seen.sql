SELECT c.row, s.at FROM (
  SELECT at, row FROM seen_at
  UNION ALL SELECT at, row FROM seen WHERE row > (SELECT indexed FROM standing)
  ORDER BY at DESC, row LIMIT ?1
) s JOIN seen p ON p.row = s.row
JOIN entity c ON c.kind = (SELECT kind FROM kind WHERE name = 'customer') AND c.id = p.customer
ORDER BY s.at DESC, s.row
