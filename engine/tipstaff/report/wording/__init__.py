"""Sentences and figures that several reports share."""
