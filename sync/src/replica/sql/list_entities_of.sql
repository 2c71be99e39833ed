SELECT e.row, e.id, e.body, k.name FROM entity e JOIN kind k ON k.kind = e.kind WHERE k.name IN ('cart', 'cart_order')
