UPDATE entity SET hash = ?2 WHERE row = ?1
