"""Tables in SQLite and PostgreSQL that grow with their form: see `sink.Sql`."""
