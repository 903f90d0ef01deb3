"""Published lists of grants and payments, read as a register."""
