"""Planning ahead: the forecast and the renewal check list."""
