SELECT row, version, scope, hash FROM entity WHERE kind = ?1 AND id = ?2
