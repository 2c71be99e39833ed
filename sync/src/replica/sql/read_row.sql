SELECT body FROM entity WHERE row = ?1
