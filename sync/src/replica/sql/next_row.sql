SELECT next_row FROM standing
