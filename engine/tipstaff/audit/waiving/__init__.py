"""Waivers: their files, and applying them to an audit."""
