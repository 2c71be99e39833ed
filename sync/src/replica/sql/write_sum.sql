UPDATE scope SET rows = ?2, checksum = ?3 WHERE scope = ?1
