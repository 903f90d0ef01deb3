"""YAML files with line numbers: reading, validating, finding the folders they are in."""
