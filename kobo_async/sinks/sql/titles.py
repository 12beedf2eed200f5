"""Keeps the tables of a project that is renamed: under a new name they would be empty."""

from __future__ import annotations

import attrs
from sqlalchemy import Connection

from kobo_async.forms.columns import Layout
from kobo_async.forms.layout import lay_out
from kobo_async.sinks.sql.database import Database


def first_titled(connection: Connection, database: Database, layout: Layout, prefix: str) -> Layout:
    """Return the layout under the title that the project had when it first came to the database."""
    form = layout.form
    if not form.uid:
        return layout
    key = f"title/{prefix}{form.uid}"
    database.backend.lock(connection, key)
    title = database.registry.read_state(connection, key)
    if title is None:
        database.registry.write_state(connection, key, form.name)
    elif title != form.name:
        return lay_out(attrs.evolve(form, name=title), layout.options)
    return layout
