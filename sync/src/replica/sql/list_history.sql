SELECT e.body, e.version FROM (
  SELECT at, row FROM history_of WHERE customer = ?1 AND kind = (SELECT kind FROM kind WHERE name = ?2)
  UNION ALL
  SELECT at, row FROM history
  WHERE row > (SELECT indexed FROM standing) AND customer = ?1 AND kind = (SELECT kind FROM kind WHERE name = ?2)
) h JOIN entity e ON e.row = h.row
ORDER BY h.at DESC, e.id DESC LIMIT ?3
