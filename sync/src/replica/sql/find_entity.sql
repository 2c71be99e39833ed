SELECT row, version, scope FROM entity WHERE kind = ?1 AND id = ?2
