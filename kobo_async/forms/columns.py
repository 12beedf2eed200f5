"""What a table is made of, and how one is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import attrs

from kobo_async.forms.schema import Form, grouped

Cells: TypeAlias = list[Any]

SYSTEM: Final = (
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
STRUCTURED: Final = ("_geolocation", "_attachments", "_supplementalDetails")
ALL: Final = (
    *SYSTEM,
    "formhub/uuid",
    "meta/instanceID",
    "meta/instanceName",
    "meta/deprecatedID",
    "_xform_id_string",
    *STRUCTURED,
)
"""Everything that the server is known to add to a submission (`api-facts §3.4`)."""


class Holds(Enum):
    """What the cells of a column are, as Python values; each may be None.

    `TEXTS` are lists of `str`. `TIMESTAMP` are aware datetimes with the offset that was sent,
    `TIME` times of the day without it. `JSON` are texts.
    """

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    TEXTS = "texts"
    JSON = "json"


@attrs.frozen
class Column:
    """One column of a table.

    Attributes:
        name: its header, unique in its table whatever the case of its letters.
        path: key of the answer in a submission; for keys of the tables their own name.
        holds: what its cells are.
        type: type of the question in the XLSForm; `system` or `key` for what nobody asked.
        label: the label of the question in the language that was asked for.
        choices: names and labels that can be chosen, in the order of the form.
    """

    name: str
    path: str
    holds: Holds
    type: str
    label: str | None = None
    choices: tuple[tuple[str, str], ...] = ()


@attrs.frozen
class BadCell:
    """An answer that does not fit the type of its question."""

    path: str
    submission: int | None
    value: str
    reason: str


Report: TypeAlias = Callable[[int, str], None]
Read: TypeAlias = Callable[[Cells, Report], Sequence[Cells]]


class Source(Enum):
    """What a field reads: the answer itself, or the attachment that the answer names."""

    ANSWER = "answer"
    ATTACHMENT = "attachment"


@attrs.frozen
class Field:
    """An answer and the columns made of it.

    `read` takes the answers of many rows, None where there is none, and gives as many lists of
    cells as there are columns; it reports the place and the reason of an answer that does not fit.
    Equal answers may share one list as their cell.
    """

    path: str
    columns: tuple[Column, ...]
    read: Read = attrs.field(eq=False, repr=False)
    source: Source = Source.ANSWER


@attrs.frozen
class Table:
    """One table of a form: the submissions, or the rows of one repeat.

    Attributes:
        name: unique among the tables of the form.
        path: path of the repeat; empty for the submissions.
        parent: name of the table that its `_parent_index` points into; None for the submissions.
        fields: what is read out of its rows.
        keys: columns that join the tables, written by the tabulator; in a repeat also what is
            repeated of its submission; `_extra` is the last.
    """

    name: str
    path: str
    parent: str | None
    fields: tuple[Field, ...]
    keys: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, in order."""
        return (*(column for field in self.fields for column in field.columns), *self.keys)


@attrs.frozen
class Batch:
    """Some rows of one table: a list of cells for each of its columns."""

    table: Table
    cells: Sequence[Cells]

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Iterate over the rows."""
        return zip(*self.cells, strict=True)


@attrs.frozen(kw_only=True)
class TableOptions:
    """How tables are wanted.

    Attributes:
        values: `typed`, or `text` for the texts that the server keeps, as it exports them.
        labels: language in which choices show their labels instead of their names, by its name
            or code; None for names.
        headers: `path` of the question, its `name`, or its `label`.
        group_sep: stands between the groups in a header.
        system: columns that the server adds; `all` for everything it sends.
        repeat_system: whether the rows of repeats carry the system columns of their submission,
            as `_submission_<name>`; `_submission__id` is always there.
        select_multiple: `list` of what was chosen, `indicators` with a column for each choice
            (None: not answered, False: not chosen), or `both`.
        geometry: how places are written.
        offsets: whether times get a second column with their offset from UTC in minutes.
        media: whether files get two more columns: their address, `<name>_URL`, and whether they
            were deleted, `<name>_deleted`.
        numbering: `table` counts `_index` through the whole table. `submission` begins again in
            each submission, so that (`_submission__id`, `_index`) stays the same from download to
            download; the submissions themselves have no `_index` then.
        only: paths of the questions, groups and repeats that are wanted; everything if empty.
    """

    values: Literal["typed", "text"] = "typed"
    labels: str | None = None
    headers: Literal["path", "name", "label"] = "path"
    group_sep: str = "/"
    system: Sequence[str] | Literal["all"] = SYSTEM
    repeat_system: bool = False
    select_multiple: Literal["list", "indicators", "both"] = "both"
    geometry: Literal["wkt", "geojson", "text"] = "wkt"
    offsets: bool = True
    media: bool = False
    numbering: Literal["table", "submission"] = "table"
    only: Sequence[str] = ()

    @property
    def systems(self) -> Sequence[str]:
        """Names of the system columns."""
        return ALL if self.system == "all" else self.system

    def wants(self, path: str) -> bool:
        """Tell whether a question is wanted, by itself or with all of its group."""
        return not self.only or any(f"{path}/".startswith(f"{one}/") for one in self.only)


@attrs.frozen(slots=False)  # as `Form`
class Layout:
    """The tables of a form, the submissions first, a repeat after the table around it."""

    form: Form
    tables: tuple[Table, ...]
    options: TableOptions = attrs.field(factory=TableOptions)

    @cached_property
    def inner(self) -> Mapping[str, Sequence[str]]:
        """Paths of the tables right inside of each, by its name."""
        return grouped(
            (table.parent, table.path) for table in self.tables if table.parent is not None
        )
