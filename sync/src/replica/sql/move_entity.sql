UPDATE entity SET version = ?2, body = ?3 WHERE row = ?1
