"""The JSON record: its models, which write it, read it and print its schema."""
