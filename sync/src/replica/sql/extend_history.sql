INSERT OR FAIL INTO history_of SELECT customer, kind, at, row FROM history WHERE row > ?1 AND row <= ?2 ORDER BY customer, kind, at, row
