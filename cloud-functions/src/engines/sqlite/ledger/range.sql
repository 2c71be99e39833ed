SELECT sort, revision, body
FROM item
WHERE partition = ?1 AND sort >= ?2 AND sort < ?3
ORDER BY sort
LIMIT ?4
