"""Tells which submissions still wait for their files.

Large sets of files are posted in several requests, of which the first makes the submission, and so
the delivery (`api-facts §7`). Until the last one is there, an answer names a file that
`_attachments` does not list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import attrs

from kobo_async.api import Api
from kobo_async.forms.attachments import file_name
from kobo_async.forms.content import read_form
from kobo_async.forms.schema import Kind
from kobo_async.known import Known
from kobo_async.query import Unchecked
from kobo_async.resources.submissions import Row
from kobo_async.sync.fetching import by_root_uuid

VERSION = "__version__"


@attrs.define
class MediaWatch:
    """The questions of a project that are answered with files, and the answers to them."""

    _api: Api
    _asset: str
    _paths: set[str] = attrs.field(factory=set)
    _versions: set[str] = attrs.field(factory=set)

    async def incomplete(self, root_uuids: Collection[str]) -> set[str]:
        """Return those submissions of which a file is missing."""
        found: set[str] = set()
        for condition in by_root_uuid([*root_uuids]):
            rows = await self._api.submissions.list(self._asset, where=Unchecked(condition)).all()
            await self._learn({str(row.get(VERSION, "")) for row in rows})
            found.update(Known.of(row).root_uuid for row in rows if missing(row, self._paths))
        return found

    async def _learn(self, versions: set[str]) -> None:
        """Read the form again for versions that were not there before."""
        if versions <= self._versions:
            return
        asset = await self._api.assets.get(self._asset, exclude=["deployment__links"])
        questions = read_form(asset.content).questions
        self._paths.update(one.path for one in questions if one.kind is Kind.MEDIA)
        self._versions |= versions


def missing(row: Row, paths: Collection[str]) -> set[str]:
    """Return the names of the files that a submission names and does not have."""
    return set(_answers([row], paths)) - set(_names(row.get("_attachments")))


def _answers(items: Iterable[Any], paths: Collection[str]) -> Iterator[str]:
    for item in items:
        for path, value in item.items() if isinstance(item, Mapping) else ():
            if isinstance(value, list):
                yield from _answers(value, paths)
            elif path in paths and isinstance(value, str) and value:
                yield value


def _names(attachments: Any) -> Iterator[str]:
    return map(file_name, attachments if isinstance(attachments, list) else ())
