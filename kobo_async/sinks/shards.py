"""Rows in many small files, of which a change rewrites few.

A shard is a file of JSON lines by rising `_id`. Its name is the lowest id that may stand in it,
the next shard's name is the end: `000000000000.jsonl`, `000000018250.jsonl`. A shard that grows
beyond a thousand rows is divided. That many rows fit into a file wherever ids are, which servers
count through all of their projects.

Every file is replaced as a whole. When a shard is divided, its upper parts come first: whatever a
crash leaves in the lower one that stands above too is out of its bounds, and not read.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import orjson

from kobo_async.sinks.base import Draft, Row

FULL: Final = 1_000
DIGITS: Final = 12
SUFFIX: Final = ".jsonl"


class Shards:
    """The shards of a folder, which must exist. All methods block.

    Args:
        folder: where they are.
        seen: told every row once.

    Attributes:
        count: how many rows there are.
    """

    def __init__(self, folder: Path, seen: Callable[[Row], None]) -> None:
        self._folder = folder
        names = (path.stem for path in folder.glob(f"[0-9]*{SUFFIX}"))
        self._firsts = sorted({0, *map(int, names)})
        self.count = 0
        for row in self.after(0):
            seen(row)
            self.count += 1

    def after(self, number: int) -> Iterator[Row]:
        """Iterate over the rows with higher ids, in their order."""
        first = self._home(number + 1)
        for one in self._firsts[self._firsts.index(first) :]:
            yield from (row for row in self._read(one).values() if row["_id"] > number)

    def find(self, ids: Iterable[int]) -> Iterator[Row]:
        """Iterate over the rows of these ids, in their order, as far as they are there."""
        homes: defaultdict[int, list[int]] = defaultdict(list)
        for number in sorted(ids):
            homes[self._home(number)].append(number)
        for first, numbers in homes.items():
            rows = self._read(first)
            yield from (rows[number] for number in numbers if number in rows)

    def change(self, rows: Iterable[Row], removed: Iterable[int]) -> None:
        """Put rows in the place of those with the same ids, and take others out."""
        changes: defaultdict[int, dict[int, Row | None]] = defaultdict(dict)
        for number in removed:
            changes[self._home(number)][number] = None
        for row in rows:
            changes[self._home(row["_id"])][row["_id"]] = row
        for first, changed in changes.items():
            self._rewrite(first, changed)

    def _home(self, number: int) -> int:
        return self._firsts[max(bisect_right(self._firsts, number) - 1, 0)]

    def _read(self, first: int) -> dict[int, Row]:
        path, place = self._path(first), self._firsts.index(first) + 1
        end = self._firsts[place] if place < len(self._firsts) else math.inf
        if not path.exists():
            return {}
        with path.open("rb") as file:
            return {row["_id"]: row for row in map(orjson.loads, file) if row["_id"] < end}

    def _rewrite(self, first: int, changed: dict[int, Row | None]) -> None:
        before = self._read(first)
        merged = before | changed
        after = [row for _, row in sorted(merged.items()) if row is not None]
        lowest, *upper = _divided(after)
        for part in reversed(upper):
            self._write(part[0]["_id"], part)
        if lowest != list(before.values()):
            self._write(first, lowest)
        self.count += len(after) - len(before)

    def _write(self, first: int, rows: Sequence[Row]) -> None:
        write_lines(self._path(first), (orjson.dumps(row) for row in rows))
        if first not in self._firsts:
            insort(self._firsts, first)

    def _path(self, first: int) -> Path:
        return self._folder / f"{first:0{DIGITS}}{SUFFIX}"


def _divided(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """Cut into as few parts as are needed, of nearly the same size; no rows are one part."""
    parts = max(math.ceil(len(rows) / FULL), 1)
    cuts = [len(rows) * part // parts for part in range(parts + 1)]
    return [rows[begin:end] for begin, end in pairwise(cuts)]


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Replace a file at once."""
    draft = Draft(path)
    try:
        draft.open()
        draft.file.writelines(line + b"\n" for line in lines)
        draft.commit()
    finally:
        draft.discard()
