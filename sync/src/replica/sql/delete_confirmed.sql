DELETE FROM outbox WHERE state = 1
