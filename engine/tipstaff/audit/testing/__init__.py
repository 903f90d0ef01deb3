"""Testing a pack: its cases, their coverage, and flaws in its rules."""
