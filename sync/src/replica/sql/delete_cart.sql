DELETE FROM cart WHERE row = ?1
