"""Gives the columns of a layout their places in a database that may have seen earlier ones.

A column that is there already stays where it is, under its name. A new one goes to the last part of
its table that has room: a table that is too wide for the database goes on in `name_2`, `name_3`,
joined by the same key. Nothing is ever dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Column, Holds, Layout, Table
from kobo_async.sinks.sql.names import fitting, identifier
from kobo_async.sinks.sql.parts import INDEX, SUBMISSION, Entry, Limits, Part, Slot
from kobo_async.sinks.sql.texts import widest

RESERVED: Final = "sqlite_"
"""SQLite makes no such tables; elsewhere they would have to be renamed when data moves to it."""


def root_name(layout: Layout, prefix: str, limits: Limits) -> str:
    """Return the name of the table of submissions."""
    return identifier(_allowed(prefix + layout.tables[0].name), frozenset(), limits.longest)


def _allowed(name: str) -> str:
    return f"_{name}" if name.casefold().startswith(RESERVED) else name


def plan(
    layout: Layout, prefix: str, limits: Limits, known: Sequence[Entry], taken: set[str]
) -> tuple[tuple[Part, ...], ...]:
    """Give each table of a layout its parts.

    `known` are the columns that are there, `taken` the casefolded names of all tables; the names
    of new tables are added to them.

    Raises:
        ConfigError: for a layout without stable keys.
    """
    if layout.options.numbering != "submission":
        raise ConfigError(
            "rows of repeats need keys that stay the same: "
            'lay out the form with TableOptions(numbering="submission")'
        )
    root = root_name(layout, prefix, limits)
    parts = []
    for table in layout.tables:
        mine = [entry for entry in known if entry.repeat == fitting(table.path)]
        planner = _Planner(table, root, prefix, limits, taken, mine, table.columns)
        parts.append(planner.parts())
    return tuple(parts)


def key_places(table: Table) -> tuple[int, ...]:
    """Return the places of the columns that tell the rows of a table apart.

    Raises:
        ConfigError: if the layout leaves `_id` out.
    """
    columns = list(enumerate(table.columns))
    if table.parent is not None:
        named = {column.name: place for place, column in columns if column.type == "key"}
        return named[SUBMISSION], named[INDEX]
    ids = [place for place, column in columns if (column.path, column.type) == ("_id", "system")]
    if not ids:
        raise ConfigError("submissions are told apart by their _id: keep it in TableOptions.system")
    return (ids[0],)


@attrs.define
class _Draft:
    """A part in the making."""

    name: str
    number: int
    taken: set[str]
    slots: list[Slot]
    old: dict[str, Entry]
    used: int = 0

    def has_room(self, limits: Limits, holds: Holds) -> bool:
        count = len(self.slots) + len(self.old)
        return count < limits.columns and self.used + limits.width(holds) <= limits.row


@attrs.define
class _Planner:
    table: Table
    root: str
    prefix: str
    limits: Limits
    tables_taken: set[str]
    known: list[Entry]
    columns: tuple[Column, ...]
    drafts: list[_Draft] = attrs.field(factory=list)

    def parts(self) -> tuple[Part, ...]:
        keys = key_places(self.table)
        for name, number in dict.fromkeys((e.table, e.part) for e in self.known):
            self._open(name, number, keys)
        if not self.drafts:
            self._add(keys)
        others = [p for p, _ in enumerate(self.columns) if p not in keys]
        others.sort(key=lambda place: self.columns[place].type not in {"key", "system"})
        found = dict(self._match(others))
        for place in others:
            if place in found:
                self._keep(place, found[place])
            else:
                self._place(place, keys)
        path = self.table.path
        return tuple(
            Part(one.name, one.number, path, tuple(one.slots), len(keys), tuple(one.old.values()))
            for one in self.drafts
        )

    def _add(self, keys: Sequence[int]) -> None:
        number = len(self.drafts) + 1
        if number > 1:
            name = self._free(f"{self.drafts[0].name}_{number}")
        elif not self.table.path:
            name = self.root
        elif (name := _allowed(self.prefix + self.table.name)).casefold() in self.tables_taken:
            name = self._free(f"{self.root}_{self.table.name}")
        else:
            name = self._free(name)
        self.tables_taken.add(name.casefold())
        self._open(name, number, keys)

    def _free(self, name: str) -> str:
        return identifier(name, self.tables_taken, self.limits.longest)

    def _open(self, name: str, number: int, keys: Sequence[int]) -> None:
        old = [entry for entry in self.known if entry.table == name]
        taken = {entry.column.casefold() for entry in old} | self.limits.columns_taken
        draft = _Draft(name, number, taken, [], {entry.column: entry for entry in old})
        draft.used = sum(self.limits.width(entry.holds) for entry in old)
        self.drafts.append(draft)
        found = {entry.path: entry for entry in old if entry.key}
        for place in keys:
            self._fill(draft, place, found.get(self.columns[place].path), key=True)

    def _fill(self, draft: _Draft, place: int, was: Entry | None, *, key: bool = False) -> None:
        column = self.columns[place]
        if was:
            del draft.old[was.column]
            name = was.column
        else:
            name = identifier(column.name, draft.taken, self.limits.longest)
            draft.taken.add(name.casefold())
            draft.used += self.limits.width(column.holds)
        entry = Entry(
            self.root,
            fitting(self.table.path),
            draft.number,
            draft.name,
            name,
            fitting(column.name),
            fitting(column.path),
            column.label and fitting(column.label),
            column.type,
            widest(was.holds, column.holds) if was else column.holds,
            key,
        )
        draft.slots.append(Slot(place, column.holds, entry, was))

    def _match(self, places: Sequence[int]) -> Iterator[tuple[int, Entry]]:
        """Find columns by header and path; then, for questions that were moved, by header."""
        columns = self.columns
        free = [entry for entry in self.known if not entry.key]
        exact = {(entry.header, entry.path): entry for entry in free}
        left = []
        for place in places:
            entry = exact.pop((fitting(columns[place].name), fitting(columns[place].path)), None)
            if entry:
                yield place, entry
            else:
                left.append(place)
        asked = {fitting(column.path) for column in columns}
        moved = {entry.header: entry for entry in exact.values() if entry.path not in asked}
        for place in left:
            if entry := moved.pop(fitting(columns[place].name), None):
                yield place, entry

    def _keep(self, place: int, was: Entry) -> None:
        draft = next(draft for draft in self.drafts if draft.name == was.table)
        self._fill(draft, place, was)

    def _place(self, place: int, keys: Sequence[int]) -> None:
        column = self.columns[place]
        if not self.drafts[-1].has_room(self.limits, column.holds):
            self._add(keys)
        self._fill(self.drafts[-1], place, None)
