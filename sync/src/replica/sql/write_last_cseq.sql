UPDATE standing SET last_cseq = max(last_cseq, ?1)
