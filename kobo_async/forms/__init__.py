"""Forms as they are, and submissions as tables: the schema, typed values, labels, repeats."""
