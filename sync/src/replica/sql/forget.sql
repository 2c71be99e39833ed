DELETE FROM keepsake WHERE name = ?1
