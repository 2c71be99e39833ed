INSERT OR FAIL INTO seen_at SELECT at, row FROM seen WHERE row > ?1 AND row <= ?2 ORDER BY at, row
