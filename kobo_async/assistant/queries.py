"""Queries that mean what they say: checked by themselves, and against the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kobo_async.api import Api
from kobo_async.forms.layout import parent_of
from kobo_async.forms.schema import Form
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
    return condition.check_paths(_paths(layout.form)).query


def _paths(form: Form) -> Mapping[str, str]:
    repeats = form.repeats
    around = {path: parent_of(path, repeats) for path in form.groups}
    asked = {question.path: question.repeat for question in form.questions}
    others = {f"{question.path}_other": question.repeat for question in form.questions}
    return others | around | asked
