UPDATE standing SET next_cseq = ?1, last_cseq = ?2
