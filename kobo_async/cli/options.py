"""Arguments and options that several commands share, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson
from click.core import ParameterSource


def identifier(text: str) -> str:
    """Read an identifier; some would lead to another path."""
    if text in {"", ".", ".."}:
        raise click.BadParameter(f"{text!r} is no identifier")
    return text


def row_id(text: str) -> int | str:
    """Read the `_id` of a submission, or its uuid."""
    return int(text) if text.isdecimal() else identifier(text)


def moment(text: str) -> datetime:
    """Read a time in ISO 8601; without a zone it is UTC, as all times of the server."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        hint = "write 2026-11-21 or 2026-11-21T08:00:00Z"
        raise click.BadParameter(f"{text!r} is no time: {hint}") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def query(text: str) -> dict[str, Any]:
    """Read a MongoDB query; what it says is checked where it is used."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise click.BadParameter('not an object such as {"name": "x"}')
    return found


def typed() -> Iterator[click.Parameter]:
    """Yield the options and arguments that stand on the command line."""
    ctx = click.get_current_context()
    for one in ctx.command.params:
        if ctx.get_parameter_source(one.name or "") is ParameterSource.COMMANDLINE:
            yield one


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

uid_argument = click.argument("uid", type=identifier)
ids_argument = click.argument("ids", nargs=-1, type=click.IntRange(1))
where_option = click.option(
    "--where", type=query, metavar="JSON", help="MongoDB query that rows must match."
)
labels_option = click.option(
    "--labels", metavar="LANG", help="Labels in this language of the form, by its name or code."
)
versions_option = click.option(
    "--all-versions/--latest",
    "all_versions",
    default=True,
    help="Questions of all versions of the form, or of the deployed one alone.  [default: all]",
)
concurrency_option = click.option(
    "--concurrency", type=click.IntRange(1, 64), help="Most requests at a time."
)
unchecked_option = click.option(
    "--unchecked", is_flag=True, help="Send answers to questions that the form does not have, too."
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per line."
)
dry_run_option = click.option(
    "--dry-run", "dry", is_flag=True, help="Print what would be sent, and change nothing."
)
