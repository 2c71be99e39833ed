DELETE FROM cart_order WHERE row = ?1
