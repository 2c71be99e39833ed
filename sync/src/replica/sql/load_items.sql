SELECT row, sku, department, title, words FROM item ORDER BY row
