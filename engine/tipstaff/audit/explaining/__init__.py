"""Explaining an audit: evidence, findings, factor sheets, the digest."""
