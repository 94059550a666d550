"""What is stored, and whether it holds: the store, exports and imports, verification, the table of best known costs."""
