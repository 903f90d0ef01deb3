"""Files: bytes become sheets of texts."""
