"""Submissions as Arrow tables and as data frames, in one call or batch by batch."""
