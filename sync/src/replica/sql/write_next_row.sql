UPDATE standing SET next_row = ?1
