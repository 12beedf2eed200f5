"""Statistics of answers, computed by the server (`/api/v2/assets/{uid}/reports/`)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kobo_async.call import OMIT, Omit, Op, given
from kobo_async.errors import QueryError
from kobo_async.models.arguments import listed
from kobo_async.models.report import Report
from kobo_async.pages import Sender

GET = Op("GET", "/api/v2/assets/{uid_asset}/reports/", Report)


@attrs.frozen
class Reports:
    """Reports on the projects of one server."""

    _sender: Sender

    async def get(
        self,
        uid_asset: str,
        *,
        names: Sequence[str] = (),
        split_by: str | Omit = OMIT,
    ) -> Report:
        """Compute statistics of all questions, or of those named.

        Questions go by their names, without groups: the server would leave out a path without
        saying so. `split_by` is the name of a question of type select_one. Each call reads every
        submission: slow on large projects.

        Permission: `view_submissions`, or `partial_submissions` for the rows it covers.
        Errors: NotFound where the project was never deployed; BadRequest for another type of
        question in `split_by`; QueryError for a path.
        """
        wanted = [_name(name) for name in listed("names", names)]
        split = split_by if isinstance(split_by, Omit) else _name(split_by)
        query = given(names=",".join(wanted) if wanted else OMIT, split_by=split)
        return await self._sender.send(GET.at(uid_asset, query=query))


def _name(question: str) -> str:
    if "/" in question:
        raise QueryError(f"reports go by the name of a question, not its path {question!r}")
    return question
