"""Gathering facts from the tables of a register."""
