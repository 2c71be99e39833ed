INSERT OR FAIL INTO card_of SELECT card, row FROM customer WHERE row > ?1 AND row <= ?2 AND card IS NOT NULL ORDER BY card, row
