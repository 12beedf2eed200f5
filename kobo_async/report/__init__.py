"""What a project's submissions look like from above: counts, distributions, one page to read."""
