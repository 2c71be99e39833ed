DELETE FROM item WHERE row = ?1
