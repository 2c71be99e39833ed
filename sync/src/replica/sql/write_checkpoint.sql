UPDATE standing SET last_cseq = max(last_cseq, ?1), as_of = max(coalesce(as_of, ?2), ?2), complete = max(complete, ?3)
