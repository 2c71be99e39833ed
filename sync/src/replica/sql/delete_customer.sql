DELETE FROM customer WHERE row = ?1
