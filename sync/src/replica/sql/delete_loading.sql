DELETE FROM loading WHERE scope = ?1
