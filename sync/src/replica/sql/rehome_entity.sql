UPDATE entity SET scope = ?2 WHERE row = ?1
