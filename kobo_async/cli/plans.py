"""What a dry run found: the requests that would change something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
import click
import orjson

from kobo_async.cli.secrets import masked
from kobo_async.cli.terminal import counted, json_line, say, show_table

if TYPE_CHECKING:
    from kobo_async.call import Call, Upload

COLUMNS = ("method", "path", "query", "body")
GOES_ON: Final = "; what follows, if anything, depends on the server's answer"


@attrs.frozen
class Planned:
    """The calls of a job, and whether they are all of it."""

    calls: tuple[Call[Any], ...]
    whole: bool


def show_plan(plan: Planned, *, as_json: bool) -> None:
    """Print the calls on stdout, and how many they are on stderr."""
    calls = [described(call) for call in plan.calls]
    if as_json:
        for call in calls:
            click.echo(json_line(call))
    elif calls:
        show_table(COLUMNS, [_cells(call) for call in calls])
    rest = "" if plan.whole else GOES_ON
    say(f"dry run: {counted(len(calls), 'request')} would be sent, none was{rest}")


def described(call: Call[Any]) -> dict[str, Any]:
    """Return a call as JSON, without secrets; of files, submissions alone are shown."""
    from kobo_async.call import OMIT  # noqa: PLC0415 - beside its only use

    method, _, path = call.label.partition(" ")
    body = None if call.json is OMIT else orjson.loads(call.content[0] or b"null")
    return {
        "method": method,
        "path": path,
        "query": masked(dict(call.query)),
        "json": masked(body),
        "form": masked(dict(call.form or {})),
        "files": [_file(one) for one in call.files],
    }


def _file(upload: Upload) -> dict[str, Any]:
    """Return name and size; of a submission also what it says."""
    facts: dict[str, Any] = {"name": upload.filename, "bytes": len(upload.content)}
    if upload.media_type == "text/xml":
        facts["text"] = upload.content.decode(errors="replace")
    return facts


def _cells(call: Mapping[str, Any]) -> tuple[object, ...]:
    files = [f"{one['name']} ({one['bytes']:,} bytes)" for one in call["files"]]
    body = [json_line(call[name]) for name in ("json", "form") if call[name]]
    query = json_line(call["query"]) if call["query"] else ""
    return call["method"], call["path"], query, ", ".join([*body, *files])
