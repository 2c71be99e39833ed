SELECT last_kind, last_id, rows, checksum, bytes, sha256 FROM loading_part WHERE scope = ?1 ORDER BY part
