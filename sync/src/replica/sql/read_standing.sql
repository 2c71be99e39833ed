SELECT last_cseq, as_of, complete FROM standing
