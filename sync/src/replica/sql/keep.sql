INSERT INTO keepsake (name, content) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET content = ?2
