SELECT i.department, d.items, i.row FROM item i
JOIN (SELECT department, count(*) AS items, min(sku) AS first FROM item GROUP BY department) d
  ON d.department = i.department AND d.first = i.sku
ORDER BY i.department LIMIT ?1
