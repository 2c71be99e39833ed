SELECT indexed, next_row FROM standing
