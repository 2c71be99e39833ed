DELETE FROM history WHERE row = ?1
