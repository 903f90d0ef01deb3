"""Questions: the missing facts that settle most outcomes."""
