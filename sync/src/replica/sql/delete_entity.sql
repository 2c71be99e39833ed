DELETE FROM entity WHERE row = ?1
