SELECT count(*) FILTER (WHERE state = 0), min(issued_at) FILTER (WHERE state = 0),
  count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3)
FROM outbox WHERE state <> 1
