UPDATE standing SET purge_due = ?1
