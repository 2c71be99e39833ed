SELECT purge_due FROM standing
