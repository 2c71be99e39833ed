SELECT coalesce(args ->> '$.cart', args ->> '$.order.cart', args ->> '$.id') AS cart FROM outbox
WHERE kind IN ('cart.begin', 'cart.change', 'cart.sell') AND state < 2
GROUP BY cart ORDER BY max(place) DESC LIMIT ?1
