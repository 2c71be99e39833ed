INSERT INTO loading_part (scope, part, last_kind, last_id, rows, checksum, bytes, sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
