"""What a mirror remembers: a log of JSON lines beside the files.

The first line says what is mirrored. Each further line is the latest word about one attachment;
lines are only ever added, so that a process that is killed leaves at most half a line, which is
ignored. A line is written before the file gets its name, and says where the file stands until
then (`was`): whoever opens the mirror next carries that out. Opening also leaves out the lines
that later ones replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final

import attrs
import orjson

from kobo_async.attachments.catalog import SAVED, Catalog, Entry
from kobo_async.attachments.places import Place
from kobo_async.errors import ConfigError

FORMAT: Final = 1
DROPPED: Final = "dropped"


@attrs.frozen
class Scope:
    """What is mirrored: a project, or those of its submissions that a query finds."""

    asset: str
    where: str

    def header(self) -> dict[str, Any]:
        """Return the first line of a manifest."""
        return {"kobo_attachments": FORMAT, "asset": self.asset, "where": self.where}


@attrs.frozen
class Manifest:
    """The log of one mirror, and the catalog that it adds up to."""

    _place: Place
    catalog: Catalog

    async def note(self, *records: Mapping[str, Any]) -> None:
        """Write down what happens; all of it or, if the process is killed, the first part."""
        await self._place.append(b"".join(map(_line, records)))


def dropped(uid: str) -> dict[str, Any]:
    """Return the line that an attachment has no file any more."""
    return {"uid": uid, DROPPED: True}


async def opened(place: Place, scope: Scope) -> Manifest:
    """Read the manifest of a place and put it in order, or begin one.

    Raises:
        ConfigError: where something else is mirrored.
    """
    log = await place.read_log()
    catalog, moves, count = Catalog(), dict[str, str](), 0
    for line in _lines(log):
        count += 1
        if "kobo_attachments" in line:
            _check(line, scope)
            catalog, moves = Catalog(), {}
        else:
            _replay(line, catalog, moves)
    for uid, was in moves.items():
        if await place.size(was) == catalog.entries[uid].bytes:
            await place.move(was, catalog.entries[uid].name)
    tidy = count == len(catalog.entries) + 1 == log.count(b"\n")
    if moves or not tidy or place.scattered:
        kept = (entry.record() for entry in catalog.entries.values())
        await place.rewrite(_line(scope.header()) + b"".join(map(_line, kept)))
    return Manifest(place, catalog)


def _replay(line: Mapping[str, Any], catalog: Catalog, moves: dict[str, str]) -> None:
    uid = line["uid"]
    moves.pop(uid, None)
    if DROPPED in line:
        catalog.drop(uid)
        return
    catalog.put(Entry(**{name: line[name] for name in SAVED}))
    if line.get("was"):
        moves[uid] = line["was"]


def _check(header: Mapping[str, Any], scope: Scope) -> None:
    if header["kobo_attachments"] != FORMAT:
        raise ConfigError("the mirror was made by a newer version of this package")
    if header != scope.header():
        found = f" where {header['where']}" if header["where"] else ""
        raise ConfigError(
            f"the folder mirrors {header['asset']}{found}: use another folder for something else"
        )


def _lines(log: bytes) -> Iterator[dict[str, Any]]:
    for line in BytesIO(log):
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError:  # cut off when a process was killed
            continue


def _line(record: Mapping[str, Any]) -> bytes:
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
