INSERT INTO item (partition, sort, revision, body)
VALUES (?1, ?2, 1, ?3)
ON CONFLICT (partition, sort) DO UPDATE SET revision = revision + 1, body = excluded.body
