-- Rows are up to 390 kB, so they lie in an ordinary table and only the keys in the index.
-- Text is compared byte by byte, as the port asks.
CREATE TABLE item (
    partition TEXT NOT NULL,
    sort      TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    body      TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX item_by_key ON item (partition, sort);
