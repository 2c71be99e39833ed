UPDATE loading SET next_part = ?2, loaded = loaded + ?3 WHERE scope = ?1
