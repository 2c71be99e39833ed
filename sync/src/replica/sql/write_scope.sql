INSERT INTO scope (name, granted, epoch, seq) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (name) DO UPDATE SET granted = ?2, epoch = ?3, seq = ?4
