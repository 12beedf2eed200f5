"""Webhooks: what the server posts is kept at once, and fetched when it is whole."""
