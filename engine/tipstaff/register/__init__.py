"""The register: what a source says, value by value, with the cell that says it."""
