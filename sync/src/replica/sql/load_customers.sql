SELECT row, words, phone, card, visit FROM customer ORDER BY row
