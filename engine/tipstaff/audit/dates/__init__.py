"""The days on which answers change."""
