"""Submissions as tables, the way exports lay them out (observed §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import attrs

Row = dict[str, Any]
Reader = Callable[[Row], Any]

_POINT: Final = ("latitude", "longitude", "altitude", "precision")
_SYSTEM: Final = (
    "_id",
    "_uuid",
    "_submission_time",
    "_validation_status",
    "_notes",
    "_status",
    "_submitted_by",
    "__version__",
    "_tags",
    "meta/rootUuid",
)
_KEPT: Final = ("_id", "_uuid", "meta/rootUuid")


@attrs.frozen
class Options:
    """How an export is wanted; flags may come as texts."""

    lang: str
    multiple_select: str = "both"
    group_sep: str = "/"
    hierarchy: bool = True
    fields: Sequence[str] = ()

    @classmethod
    def read(cls, data: dict[str, Any]) -> Options:
        """Read the settings of an export."""
        return cls(
            lang=data["lang"],
            multiple_select=data["multiple_select"],
            group_sep=data["group_sep"] or "/",
            hierarchy=str(data["hierarchy_in_labels"]).lower() == "true",
            fields=data.get("fields") or (),
        )


@attrs.frozen
class Table:
    """One sheet."""

    name: str
    header: list[str]
    lines: list[list[Any]]


class Layout:
    """Lays out the rows of a form."""

    def __init__(self, name: str, content: dict[str, Any], options: Options) -> None:
        self._name = name
        self._options = options
        self._survey = content.get("survey", [])
        languages = content.get("translations") or [None]
        self._place = languages.index(options.lang) if options.lang in languages else 0
        self._labels = {
            row["$xpath"]: self._label(row, row["$autoname"])
            for row in self._survey
            if "$xpath" in row
        }
        self._choices: dict[str, dict[str, str]] = {}
        for choice in content.get("choices", []):
            names = self._choices.setdefault(choice["list_name"], {})
            names[choice["name"]] = self._label(choice, choice["name"])

    def _label(self, row: Row, name: str) -> str:
        labels = row.get("label") or []
        if self._options.lang == "_xml" or len(labels) <= self._place:
            return name
        return str(labels[self._place] or name)

    def tables(self, rows: Sequence[Row]) -> list[Table]:
        """Return the sheet of the submissions and one for each repeat."""
        columns = [*self._columns(""), *self._system()]
        header = [*(title for title, _ in columns), "_index"]
        lines = [[*(read(row) for _, read in columns), place] for place, row in enumerate(rows, 1)]
        return [Table(self._name, header, lines), *self._repeats(rows)]

    def places(self) -> dict[str, list[str]]:
        """Return the titles of the columns of each question about a place, its own first."""
        return {
            row["$xpath"]: [title for title, _ in self._question(row, row["$xpath"])]
            for row in self._survey
            if row["type"] in {"geopoint", "geotrace", "geoshape"}
        }

    def _repeats(self, rows: Sequence[Row]) -> Iterator[Table]:
        for row in self._survey:
            if row["type"] == "begin_repeat" and not self._repeat_of(row["$xpath"]):
                yield self._repeat(row["$xpath"], rows)

    def _repeat(self, path: str, rows: Sequence[Row]) -> Table:
        columns, system = list(self._columns(path)), list(self._system())
        parents = ["_index", "_parent_table_name", "_parent_index"]
        titles = [f"_submission_{title}" for title, _ in system]
        lines: list[list[Any]] = []
        for place, row in enumerate(rows, 1):
            for item in row.get(path, ()):
                own = [read(item) for _, read in columns]
                own += [len(lines) + 1, self._name, place, *(read(row) for _, read in system)]
                lines.append(own)
        header = [*(title for title, _ in columns), *parents, *titles]
        return Table(path.rpartition("/")[2], header, lines)

    def _repeat_of(self, path: str) -> str:
        """Return the innermost repeat that a path is inside, '' for none."""
        repeats = [row["$xpath"] for row in self._survey if row["type"] == "begin_repeat"]
        return max((one for one in repeats if path.startswith(f"{one}/")), key=len, default="")

    def _columns(self, repeat: str) -> Iterator[tuple[str, Reader]]:
        for row in self._survey:
            path = row.get("$xpath")
            is_group = row["type"].startswith("begin_")
            if path and not is_group and self._repeat_of(path) == repeat and self._wanted(path):
                yield from self._question(row, path)

    def _wanted(self, path: str) -> bool:
        return not self._options.fields or path in self._options.fields

    def _question(self, row: Row, path: str) -> Iterator[tuple[str, Reader]]:
        choices = self._choices.get(row.get("select_from_list_name", ""), {})
        if row["type"] == "geopoint":
            yield from self._point(path)
        elif row["type"] == "select_multiple":
            yield from self._selects(path, choices)
        else:
            yield self._title(path), _reader(path, choices)

    def _title(self, path: str) -> str:
        """Return the title of a column, below those of its groups if they are wanted."""
        if not self._options.hierarchy:
            return self._labels[path]
        steps = path.split("/")
        paths = ["/".join(steps[: end + 1]) for end in range(len(steps))]
        return self._options.group_sep.join(self._labels.get(one, one) for one in paths)

    def _point(self, path: str) -> Iterator[tuple[str, Reader]]:
        yield self._labels[path], _reader(path, {})
        whole, label = self._title(path), self._labels[path]
        before = whole.removesuffix(label)
        for place, part in enumerate(_POINT):
            yield f"{before}_{label}_{part}", _part_reader(path, place)

    def _selects(self, path: str, choices: dict[str, str]) -> Iterator[tuple[str, Reader]]:
        title, mode = self._title(path), self._options.multiple_select
        if mode != "details":
            yield title, _reader(path, choices)
        for name, label in choices.items() if mode != "summary" else ():
            yield f"{title}{self._options.group_sep}{label}", _flag_reader(path, name)

    def _system(self) -> Iterator[tuple[str, Reader]]:
        for name in _SYSTEM if not self._options.fields else _KEPT:
            yield name, _system_reader(name)


def _reader(path: str, choices: dict[str, str]) -> Reader:
    def read(row: Row) -> Any:
        text = row.get(path, "")
        return " ".join(choices.get(name, name) for name in text.split()) if choices else text

    return read


def _part_reader(path: str, place: int) -> Reader:
    def read(row: Row) -> Any:
        parts = str(row.get(path, "")).split()
        return parts[place] if place < len(parts) else ""

    return read


def _flag_reader(path: str, name: str) -> Reader:
    def read(row: Row) -> Any:
        return str(int(name in row[path].split())) if path in row else ""

    return read


def _system_reader(name: str) -> Reader:
    def read(row: Row) -> Any:
        value = row.get(name)
        if name == "_validation_status":
            return (value or {}).get("label", "")
        return "" if value is None else value

    return read
