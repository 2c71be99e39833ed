UPDATE standing SET indexed = ?1
