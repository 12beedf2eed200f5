"""The operations of the API, one module per resource: `Op` constants and explicit methods."""
