SELECT revision FROM item WHERE partition = ?1 AND sort = ?2
