INSERT OR FAIL INTO email_of SELECT email, row FROM customer WHERE row > ?1 AND row <= ?2 AND email IS NOT NULL ORDER BY email, row
