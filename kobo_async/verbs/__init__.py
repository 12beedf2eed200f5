"""Whole jobs over the steps of the API. Each step is public as well, on the resources."""
