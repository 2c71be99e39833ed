DELETE FROM seen WHERE row = ?1
