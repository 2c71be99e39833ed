SELECT name, kind FROM kind
