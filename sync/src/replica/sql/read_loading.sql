SELECT epoch, seq, rows, checksum, parts, next_part, loaded FROM loading WHERE scope = ?1
