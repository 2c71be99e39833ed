SELECT hash FROM entity e
WHERE scope = ?1 OR EXISTS (SELECT 1 FROM also_in a WHERE a.row = e.row AND a.scope = ?1)
