SELECT scope, name, granted, epoch, seq FROM scope ORDER BY name
