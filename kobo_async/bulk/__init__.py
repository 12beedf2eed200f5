"""Reading and writing many submissions at once."""
