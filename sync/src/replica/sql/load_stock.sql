SELECT sku, on_hand FROM stock ORDER BY row
