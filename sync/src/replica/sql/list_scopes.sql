SELECT scope, name, granted, epoch, seq, rows, checksum FROM scope ORDER BY name
