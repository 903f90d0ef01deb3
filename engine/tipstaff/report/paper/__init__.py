"""The paper: an audit as a report to a committee, a section or two a module."""
