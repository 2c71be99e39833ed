SELECT scope FROM also_in WHERE row = ?1 ORDER BY scope
