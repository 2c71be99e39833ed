INSERT INTO cart_order (row, receipt) VALUES (?1, ?2) ON CONFLICT (row) DO UPDATE SET receipt = ?2
