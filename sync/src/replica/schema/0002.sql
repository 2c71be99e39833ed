-- Sums, snapshots that are loaded part by part, look-ups that follow behind, and a queue that can be renumbered.
ALTER TABLE scope ADD COLUMN rows INTEGER NOT NULL DEFAULT 0;        -- how many entities it holds
ALTER TABLE scope ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;    -- the sum of their hashes mod 2^64, its bits as signed

-- Entities up to this row are in the look-up trees below; those after it are looked for one by one.
ALTER TABLE standing ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;

-- As before, with the hash of each. Filled by the step that runs this, which then calls it `entity`.
CREATE TABLE entity_hashed (
  row INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  scope INTEGER NOT NULL,
  hash INTEGER NOT NULL,          -- see domain::api::sync::row_hash; its bits as signed
  body TEXT NOT NULL,
  UNIQUE (kind, id)
);

-- Look-up trees in an order of their own. A first load writes rows in one order and these in another, each page of
-- them again and again: so they are extended in large steps.
DROP INDEX customer_card;
DROP INDEX customer_email;
DROP INDEX seen_at;
DROP INDEX history_of;
CREATE TABLE card_of (card TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (card, row)) WITHOUT ROWID;
CREATE TABLE email_of (email TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (email, row)) WITHOUT ROWID;
CREATE TABLE seen_at (at INTEGER NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (at, row)) WITHOUT ROWID;
CREATE TABLE history_of (
  customer TEXT NOT NULL,
  kind INTEGER NOT NULL,
  at INTEGER NOT NULL,
  row INTEGER NOT NULL,
  PRIMARY KEY (customer, kind, at, row)
) WITHOUT ROWID;

-- What is in a look-up tree and moves or goes, moves or goes there too.
CREATE TRIGGER customer_moves AFTER UPDATE ON customer
WHEN (old.card IS NOT new.card OR old.email IS NOT new.email) AND old.row <= (SELECT indexed FROM standing) BEGIN
  DELETE FROM card_of WHERE card = old.card AND row = old.row;
  INSERT INTO card_of SELECT new.card, new.row WHERE new.card IS NOT NULL;
  DELETE FROM email_of WHERE email = old.email AND row = old.row;
  INSERT INTO email_of SELECT new.email, new.row WHERE new.email IS NOT NULL;
END;
CREATE TRIGGER customer_goes AFTER DELETE ON customer WHEN old.row <= (SELECT indexed FROM standing) BEGIN
  DELETE FROM card_of WHERE card = old.card AND row = old.row;
  DELETE FROM email_of WHERE email = old.email AND row = old.row;
END;
CREATE TRIGGER seen_moves AFTER UPDATE ON seen
WHEN old.at <> new.at AND old.row <= (SELECT indexed FROM standing) BEGIN
  DELETE FROM seen_at WHERE at = old.at AND row = old.row;
  INSERT INTO seen_at VALUES (new.at, new.row);
END;
CREATE TRIGGER seen_goes AFTER DELETE ON seen WHEN old.row <= (SELECT indexed FROM standing) BEGIN
  DELETE FROM seen_at WHERE at = old.at AND row = old.row;
END;
CREATE TRIGGER history_moves AFTER UPDATE ON history
WHEN (old.customer <> new.customer OR old.at <> new.at) AND old.row <= (SELECT indexed FROM standing) BEGIN
  DELETE FROM history_of WHERE customer = old.customer AND kind = old.kind AND at = old.at AND row = old.row;
  INSERT INTO history_of VALUES (new.customer, new.kind, new.at, new.row);
END;
CREATE TRIGGER history_goes AFTER DELETE ON history WHEN old.row <= (SELECT indexed FROM standing) BEGIN
  DELETE FROM history_of WHERE customer = old.customer AND kind = old.kind AND at = old.at AND row = old.row;
END;

-- Snapshots that are being loaded, and their parts.
CREATE TABLE loading (
  scope INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  next_part INTEGER NOT NULL,     -- those before it are here
  loaded INTEGER NOT NULL         -- entities in those
);
CREATE TABLE loading_part (
  scope INTEGER NOT NULL,
  part INTEGER NOT NULL,          -- from 0
  last_kind TEXT,                 -- where its range ends; NULL in the last
  last_id TEXT,
  rows INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (scope, part)
) WITHOUT ROWID;

-- The queue, in an order that stays when the cloud's numbers have to be given anew.
CREATE TABLE outbox_placed (
  place INTEGER PRIMARY KEY,
  cseq INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  args TEXT NOT NULL,
  issued_at INTEGER NOT NULL,     -- ms since 1970, by the clock of the device
  state INTEGER NOT NULL,         -- 0 queued, 1 confirmed, 2 refused, 3 refused and set aside
  code TEXT,                      -- why it was refused, for programs
  reason TEXT,                    -- why it was refused, for people
  seqs TEXT                       -- JSON: the cursors at which a confirmed command's changes stand
);
INSERT INTO outbox_placed (cseq, id, kind, version, args, issued_at, state, reason, seqs)
SELECT cseq, id, kind, version, args, issued_at, state, reason,
  (SELECT json_group_object(told.key, json_object('epoch', coalesce(s.epoch, 0), 'seq', told.value))
   FROM json_each(outbox.seqs) told LEFT JOIN scope s ON s.name = told.key)
FROM outbox ORDER BY cseq;
DROP TABLE outbox;
ALTER TABLE outbox_placed RENAME TO outbox;
-- A refused command has its number only to be told by.
CREATE UNIQUE INDEX outbox_cseq ON outbox (cseq) WHERE state < 2;
CREATE INDEX outbox_state ON outbox (state, place);
CREATE INDEX outbox_customer ON outbox (json_extract(args, '$.customer'));
