SELECT kind, state, args, issued_at, id FROM outbox
WHERE coalesce(args ->> '$.cart', args ->> '$.order.cart', args ->> '$.id') = ?1
  AND kind IN ('cart.begin', 'cart.change', 'cart.sell') AND state < 2
ORDER BY place LIMIT ?2
