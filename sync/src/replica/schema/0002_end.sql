DROP TABLE entity;
ALTER TABLE entity_hashed RENAME TO entity;
