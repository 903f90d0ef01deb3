"""The command line: one module a command, and no judgement in any of them."""
