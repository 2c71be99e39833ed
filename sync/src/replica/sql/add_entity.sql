INSERT INTO entity (row, kind, id, version, scope, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
