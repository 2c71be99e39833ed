-- Carts, the orders that they became, and what waits of them.
CREATE TABLE cart (
  row INTEGER PRIMARY KEY,
  customer TEXT,
  open INTEGER NOT NULL,          -- whether it may still be changed or paid
  at INTEGER NOT NULL             -- its last command, ms since 1970 by the clock of its device; 0 where none says
);
CREATE INDEX cart_open ON cart (open, at);
CREATE INDEX cart_customer ON cart (customer, open, at) WHERE customer IS NOT NULL;

CREATE TABLE cart_order (
  row INTEGER PRIMARY KEY,
  receipt TEXT NOT NULL           -- the number on it
);
CREATE INDEX cart_order_receipt ON cart_order (receipt);

-- Of a sale, the cart is in its order; what begins a cart is its opening.
CREATE INDEX outbox_cart ON outbox (coalesce(args ->> '$.cart', args ->> '$.order.cart', args ->> '$.id'), place)
WHERE kind IN ('cart.begin', 'cart.change', 'cart.sell');
CREATE INDEX outbox_sale ON outbox (place) WHERE kind = 'cart.sell';
