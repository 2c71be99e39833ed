UPDATE standing SET next_cseq = next_cseq + 1 RETURNING next_cseq - 1
