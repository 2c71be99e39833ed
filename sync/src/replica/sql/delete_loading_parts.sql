DELETE FROM loading_part WHERE scope = ?1
