DELETE FROM stock WHERE row = ?1
