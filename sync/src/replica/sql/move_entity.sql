UPDATE entity SET version = ?2, hash = ?3, body = ?4 WHERE row = ?1
