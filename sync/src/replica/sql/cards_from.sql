SELECT row, card FROM card_of WHERE card >= ?1 AND card < ?2
UNION ALL
SELECT row, card FROM customer WHERE row > (SELECT indexed FROM standing) AND card >= ?1 AND card < ?2
ORDER BY card, row LIMIT ?3
