"""Whether answers belong to questions of the form.

The server stores answers to any question, and where they name none they are in the data and in no
export (`api-facts §3.7`). The form that counts is the deployed one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from kobo_async.errors import QueryError
from kobo_async.instance import Answers
from kobo_async.models.asset import Asset
from kobo_async.pages import Sender
from kobo_async.resources.assets import Assets
from kobo_async.resources.versions import Versions

_NUMBER: Final = re.compile(r"\[\d+\]")
_SPELLED_OUT: Final = frozenset({"begin_group", "begin_repeat"})
"""What holds rows of the form; matrices and the like make questions that are no rows."""
_FREE_TEXT: Final = "_other"
"""Ends the names of answers beside a select with `or_other`."""


async def read_form(sender: Sender, uid_asset: str, *, with_content: bool) -> Asset:
    """Fetch the asset that answers belong to."""
    exclude = ["deployment__links", *([] if with_content else ["content"])]
    return await Assets(sender).get(uid_asset, exclude=exclude)


async def content_of(sender: Sender, asset: Asset) -> Mapping[str, Any] | None:
    """Return the content of the form that is deployed.

    That is one more request where a newer version waits to be deployed.
    """
    if asset.deployed_version_id in {None, asset.version_id}:
        return asset.content
    return (await Versions(sender).get(asset.uid, str(asset.deployed_version_id))).content


def check_answers(content: Mapping[str, Any] | None, given: Iterable[Answers]) -> None:
    """Compare the paths of answers with the questions of a form.

    Content that tells no paths lets everything pass.

    Raises:
        QueryError: for the first question that the form does not have, with the nearest one.
    """
    rows = _rows(content)
    known = {str(row["$xpath"]) for row in rows}
    opened = tuple(f"{row['$xpath']}/" for row in rows if _holds_unseen(row))
    for path in dict.fromkeys(path for answers in given for path in _paths(answers)):
        if {path, path.removesuffix(_FREE_TEXT)} & known or path.startswith(opened) or not known:
            continue
        close = "".join(f"; did you mean {one}?" for one in get_close_matches(path, known, 1))
        raise QueryError(f"the form has no question {path!r}{close}")


def check_instances(content: Mapping[str, Any] | None, changes: Answers) -> None:
    """Refuse changes in a repeat that do not say which instance: it would be the first one.

    Raises:
        QueryError: for the first of them, and for a repeat that would not become instances.
    """
    repeats = [str(row["$xpath"]) for row in _rows(content) if row.get("type") == "begin_repeat"]
    for path, value in changes.items():
        if path in repeats and not is_repeat(value):
            raise QueryError(f"{path!r} is a repeat: give a list of its instances")
        steps, bare = path.split("/"), _NUMBER.sub("", path)
        for repeat in repeats:
            if bare.startswith(f"{repeat}/") and "[" not in steps[repeat.count("/")]:
                raise QueryError(
                    f"{path!r} is in a repeat: say which instance, as in '{repeat}[1]/…'"
                )


def is_repeat(value: object) -> bool:
    """Tell whether an answer is a list of instances."""
    return isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value)


def _rows(content: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [row for row in (content or {}).get("survey") or () if "$xpath" in row]


def _paths(answers: Answers) -> Iterator[str]:
    """Yield the paths of answers, those in repeats too, without numbers of instances."""
    for path, value in answers.items():
        yield _NUMBER.sub("", path)
        for one in value if isinstance(value, list | tuple) else ():
            if isinstance(one, Mapping):
                yield from _paths(one)


def _holds_unseen(row: Mapping[str, Any]) -> bool:
    kind = str(row.get("type"))
    return kind.startswith("begin_") and kind not in _SPELLED_OUT
