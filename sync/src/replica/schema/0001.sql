-- Where the replica stands: one row.
CREATE TABLE standing (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  next_row INTEGER NOT NULL,      -- rows of `entity` are numbered upwards and never again
  next_cseq INTEGER NOT NULL,     -- the number of the next command, without a gap from 1
  last_cseq INTEGER NOT NULL,     -- the last command that the cloud decided on
  as_of INTEGER,                  -- the cloud's clock at the last page, ms since 1970
  complete INTEGER NOT NULL,      -- whether everything was pulled at least once
  purge_due INTEGER NOT NULL      -- whether purged rows may still lie in the WAL
);
INSERT INTO standing VALUES (1, 1, 1, 0, NULL, 0, 0);

CREATE TABLE scope (
  scope INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  granted INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL
);

CREATE TABLE kind (
  kind INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

-- Every entity as it came, once; the tables below hold what look-ups need of it.
CREATE TABLE entity (
  row INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  scope INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (kind, id)
);

-- Further scopes that an entity is told in: it stays until the last of them lets go.
CREATE TABLE also_in (
  row INTEGER NOT NULL,
  scope INTEGER NOT NULL,
  PRIMARY KEY (row, scope)
) WITHOUT ROWID;

CREATE TABLE customer (
  row INTEGER PRIMARY KEY,
  words TEXT NOT NULL,            -- her names, folded
  phone TEXT,                     -- digits only
  card TEXT,                      -- folded, without spaces
  email TEXT,                     -- folded
  visit INTEGER NOT NULL          -- her last visit, s since 1970; 0 for never
);
CREATE INDEX customer_card ON customer (card) WHERE card IS NOT NULL;
CREATE INDEX customer_email ON customer (email) WHERE email IS NOT NULL;

-- Profiles by when their person was last seen online.
CREATE TABLE seen (
  row INTEGER PRIMARY KEY,
  customer TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX seen_at ON seen (at);

-- Notes and orders by their customer.
CREATE TABLE history (
  row INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  customer TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX history_of ON history (customer, kind, at);

CREATE TABLE item (
  row INTEGER PRIMARY KEY,
  sku TEXT NOT NULL,
  gtin TEXT,
  style TEXT,
  department TEXT NOT NULL,
  title TEXT NOT NULL,            -- folded
  words TEXT NOT NULL             -- folded
);
CREATE INDEX item_gtin ON item (gtin) WHERE gtin IS NOT NULL;
CREATE INDEX item_style ON item (style) WHERE style IS NOT NULL;

CREATE TABLE stock (
  row INTEGER PRIMARY KEY,
  sku TEXT NOT NULL,
  on_hand INTEGER NOT NULL
);
CREATE INDEX stock_sku ON stock (sku);

-- What the associate did, in the order in which she did it.
CREATE TABLE outbox (
  cseq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  args TEXT NOT NULL,
  issued_at INTEGER NOT NULL,     -- ms since 1970, by the clock of the device
  state INTEGER NOT NULL,         -- 0 queued, 1 confirmed, 2 refused
  reason TEXT,                    -- why it was refused
  seqs TEXT                       -- JSON: where a confirmed command's changes stand in the feeds
);
CREATE INDEX outbox_state ON outbox (state, cseq);
CREATE INDEX outbox_note ON outbox (json_extract(args, '$.customer')) WHERE kind = 'note.add';

-- What the device keeps beside the feeds: its enrolment, a model.
CREATE TABLE keepsake (
  name TEXT PRIMARY KEY,
  content BLOB NOT NULL
);
