"""Files that go along with submissions."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kobo_async.call import Upload

UNKNOWN = "application/octet-stream"


def uploads(paths: Sequence[Path]) -> list[Upload]:
    """Read files; two of the same name would be taken for one."""
    from kobo_async.call import Upload  # noqa: PLC0415 - slow to import

    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        raise click.BadParameter("two files have the same name", param_hint="--attach")
    return [Upload(path.name, path.name, path.read_bytes(), _kind(path)) for path in paths]


def _kind(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or UNKNOWN


def names_in(answers: Any) -> set[str]:
    """Return all texts in answers, those in repeats too: names of files are among them."""
    if isinstance(answers, str):
        return {answers}
    if isinstance(answers, Mapping):
        return set().union(*map(names_in, answers.values()))
    if isinstance(answers, list):
        return set().union(*map(names_in, answers))
    return set()
