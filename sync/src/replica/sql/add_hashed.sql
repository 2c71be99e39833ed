INSERT INTO entity_hashed (row, kind, id, version, scope, hash, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
