INSERT OR IGNORE INTO also_in (row, scope) VALUES (?1, ?2)
