DELETE FROM outbox WHERE id = ?1 AND kind <> 'cart.sell'
