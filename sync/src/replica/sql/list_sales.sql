SELECT state, reason, args FROM outbox WHERE kind = 'cart.sell' ORDER BY place DESC LIMIT ?1
