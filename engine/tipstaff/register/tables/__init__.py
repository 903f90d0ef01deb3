"""Tables: sheets become typed rows, each traceable to its cell."""
