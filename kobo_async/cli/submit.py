"""`kobo-async submit`: filled-in forms from a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import attrs
import click
import orjson

from kobo_async.cli.jobs import Way, perform, writes
from kobo_async.cli.options import FILE, uid_argument, unchecked_option
from kobo_async.cli.output import show_outcomes
from kobo_async.cli.uploads import names_in, uploads

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.call import Upload
    from kobo_async.verbs.outcomes import Submitted
    from kobo_async.verbs.submissions import Filled

INSTANCE_ID = "meta/instanceID"
EPILOG = """\b
Examples:
  echo '{"household/head_name": "Amina", "hh_size": 4}' > one.json
  kobo-async submit aBcD… one.json --dry-run
  kobo-async submit aBcD… many.jsonl --attach roof.jpg --attach well.jpg
"""


@attrs.frozen
class Entry:
    """A filled-in form, by answers or as XML, with the files that it names."""

    instance_id: str
    given: Mapping[str, Any] | bytes
    files: tuple[Upload, ...] = ()


@click.command("submit", short_help="Submit filled-in forms from a file.", epilog=EPILOG)
@uid_argument
@click.argument("file", type=FILE)
@click.option(
    "--attach",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Photo or other file; goes with the submissions that name it. Repeatable.",
)
@click.option("--anew", is_flag=True, help="Submit it again, even what was submitted before.")
@unchecked_option
@writes
def command(
    way: Way, *, uid: str, file: Path, attach: tuple[Path, ...], anew: bool, unchecked: bool
) -> None:
    """Submit what FILE holds: .json (one or a list), .jsonl, or the .xml of one submission.

    Answers go by full path, repeats as lists of objects, as `pull` writes them. The same answers
    in the same file get the same id each time, so that a file can be submitted again after a
    failure without storing anything twice; --anew gives new ids, "meta/instanceID" your own.
    """
    entries = _with_files(list(_entries(uid, file, anew=anew)), uploads(attach))
    if not entries:
        raise click.BadParameter(f"{file} holds no submissions", param_hint="FILE")
    perform(
        way,
        lambda api: _submit(api, uid, entries, check=not unchecked),
        lambda outcomes: show_outcomes(way, outcomes, "submitted"),
    )


def _entries(uid: str, file: Path, *, anew: bool) -> Iterator[Entry]:
    if file.suffix == ".xml":
        yield Entry(file.name, file.read_bytes())
        return
    seen: Counter[bytes] = Counter()
    for row in _rows(file):
        own = row.pop(INSTANCE_ID, None)
        text = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
        seen[text] += 1
        again = uuid4() if anew else uuid5(NAMESPACE_URL, f"{uid}/{seen[text]}/{text.decode()}")
        yield Entry(own or f"uuid:{again}", row)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    content = file.read_bytes()
    if file.suffix == ".json":
        found = _parsed(content, file.name)
        rows = found if isinstance(found, list) else [found]
    elif file.suffix == ".jsonl":
        lines = enumerate(content.splitlines(), 1)
        rows = [_parsed(line, f"line {number}") for number, line in lines if line.strip()]
    else:
        raise click.BadParameter("ends in .json, .jsonl or .xml", param_hint="FILE")
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise click.BadParameter(f"submission {number} is no object", param_hint="FILE")
        yield row


def _parsed(content: bytes, where: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{where}: not JSON: {error}", param_hint="FILE") from error


def _with_files(entries: list[Entry], files: Sequence[Upload]) -> list[Entry]:
    """Give each submission the files that its answers name; an XML document gets all."""
    named: set[str] = set()
    made = []
    for entry in entries:
        names = _names(entry, files)
        named |= names
        made.append(attrs.evolve(entry, files=tuple(f for f in files if f.filename in names)))
    if lost := sorted({file.filename for file in files} - named):
        text = f"no answer names {', '.join(lost)}"
        raise click.BadParameter(text, param_hint="--attach")
    return made


def _names(entry: Entry, files: Sequence[Upload]) -> set[str]:
    if isinstance(entry.given, bytes):
        return {file.filename for file in files}
    return names_in(entry.given)


async def _submit(api: Api, uid: str, entries: Sequence[Entry], *, check: bool) -> list[Submitted]:
    if len(entries) == 1:
        return [await _one(api, uid, entries[0], check=check)]
    filled = [_filled(entry) for entry in entries]
    return await api.submissions.submit_many(uid, filled, check=check)


async def _one(api: Api, uid: str, entry: Entry, *, check: bool) -> Submitted:
    """Submit a single one, whose errors are those of the command."""
    from kobo_async.verbs.outcomes import submitted  # noqa: PLC0415 - slow to import

    receipt = await api.submissions.submit(
        uid, entry.given, files=entry.files, instance_id=entry.instance_id, check=check
    )
    return submitted(entry.instance_id, receipt)


def _filled(entry: Entry) -> Filled:
    from kobo_async.verbs.submissions import Filled  # noqa: PLC0415 - slow to import

    assert not isinstance(entry.given, bytes), "XML comes alone"
    return Filled(entry.given, entry.files, entry.instance_id)
