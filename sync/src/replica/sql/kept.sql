SELECT content FROM keepsake WHERE name = ?1
