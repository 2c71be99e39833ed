-- FULL: what was acknowledged survives the power going out, not only the process.
PRAGMA synchronous = FULL;
PRAGMA temp_store = MEMORY;
-- Pages: a checkpoint after every 64 MB of log, so that a page of an index that changes all the time is copied seldom.
PRAGMA wal_autocheckpoint = 16000;
-- Bytes that an idle log file keeps.
PRAGMA journal_size_limit = 67108864;
