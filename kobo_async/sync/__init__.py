"""Mirrors that stay true: new, edited and deleted submissions, told apart without change times."""
