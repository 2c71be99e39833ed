DELETE FROM also_in WHERE row = ?1 AND scope = ?2
