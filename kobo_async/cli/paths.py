"""Whether answers belong to questions: the server stores those of no question without a word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kobo_async.api import Api

_NUMBER = re.compile(r"\[\d+\]")
unchecked_option = click.option(
    "--unchecked", is_flag=True, help="Send answers to questions that the form does not have, too."
)


def paths_in(answers: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of answers, those in repeats too."""
    for path, value in answers.items():
        yield path
        for one in value if isinstance(value, list) else ():
            if isinstance(one, Mapping):
                yield from paths_in(one)


async def check_paths(api: Api, uid: str, paths: Iterable[str]) -> None:
    """Compare paths with those of the form, as it is now.

    Raises:
        QueryError: for questions that the form does not have.
    """
    from kobo_async.errors import QueryError  # noqa: PLC0415 - slow to import

    content = (await api.assets.get(uid)).content or {}
    known = {str(row["$xpath"]) for row in content.get("survey", ()) if "$xpath" in row}
    for path in dict.fromkeys(_NUMBER.sub("", path) for path in paths) if known else ():
        if path not in known:
            close = "".join(f"; did you mean {one}?" for one in get_close_matches(path, known, 1))
            raise QueryError(f"the form has no question {path!r}{close} (--unchecked sends it)")
