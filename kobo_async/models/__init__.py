"""What the server sends, as values."""
