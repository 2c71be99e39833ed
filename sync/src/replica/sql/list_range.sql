SELECT row, version, scope, hash, id FROM entity
WHERE kind = ?1 AND id > ?2 AND (?3 IS NULL OR id <= ?3) ORDER BY id LIMIT ?4
