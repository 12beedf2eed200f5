"""Queries that mean what they say: checked by themselves, and against the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kobo_async.api import Api
from kobo_async.forms.content import paths_of
from kobo_async.where import Condition


async def understood(
    api: Api, uid: str, where: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """Return a query that all questions of it are known of, in some version of the form.

    Raises:
        QueryError: for what would match nothing whatever there is.
    """
    if where is None:
        return None
    condition = Condition(where)
    layout = await api.tables.layout(uid)
    return condition.check_paths(paths_of(layout.form)).query
