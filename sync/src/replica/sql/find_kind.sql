SELECT kind FROM kind WHERE name = ?1
