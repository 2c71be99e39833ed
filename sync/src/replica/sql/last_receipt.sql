SELECT max(receipt) FROM cart_order WHERE receipt >= ?1 AND receipt <= ?2
