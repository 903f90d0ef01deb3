"""The page: an audit as one self-contained HTML file."""
