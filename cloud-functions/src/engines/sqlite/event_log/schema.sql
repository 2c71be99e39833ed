-- The newest event is never deleted, so numbers never repeat.
CREATE TABLE event (
    sequence INTEGER PRIMARY KEY,
    -- 16 bytes of a hash of source and id: ids are random, so their index is touched all over, and has to be small.
    claim    BLOB NOT NULL,
    -- The CloudEvent as JSON.
    envelope TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX event_by_claim ON event (claim);

CREATE TABLE consumer (
    name     TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letter (
    consumer    TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    envelope    TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    -- RFC 3339 in JSON quotes.
    given_up_at TEXT NOT NULL,
    -- 1: somebody asked for it to be delivered again.
    wanted      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer, sequence)
) STRICT;
