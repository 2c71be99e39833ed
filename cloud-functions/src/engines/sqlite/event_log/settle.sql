DELETE FROM dead_letter WHERE consumer = ?1 AND sequence = ?2
