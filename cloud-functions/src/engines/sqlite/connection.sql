-- FULL: what was acknowledged survives the power going out, not only the process.
PRAGMA synchronous = FULL;
PRAGMA temp_store = MEMORY;
-- Kibibytes, as a negative number.
PRAGMA cache_size = -8192;
-- Pages: a checkpoint after every 16 MB of log.
PRAGMA wal_autocheckpoint = 4000;
-- Bytes that an idle log file keeps.
PRAGMA journal_size_limit = 67108864;
