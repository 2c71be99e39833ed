DELETE FROM also_in WHERE scope = ?1
