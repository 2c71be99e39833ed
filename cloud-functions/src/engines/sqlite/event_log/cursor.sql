SELECT sequence FROM consumer WHERE name = ?1
