SELECT 1 FROM loading
