INSERT INTO loading (scope, epoch, seq, rows, checksum, parts, next_part, loaded) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)
