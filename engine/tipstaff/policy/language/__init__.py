"""The expression language of a pack: syntax tree, parser, English and canonical forms."""
