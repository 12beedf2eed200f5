"""Lays out the tables of a form: which there are, their columns, and who reads them.

Columns are in the order of the form, then what the server adds, then the keys. Names follow the
server's own exports: `group/question`, `group/_place_latitude`, `question/choice`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, count

import attrs

from kobo_async.forms import readers, values
from kobo_async.forms.columns import Column, Field, Holds, Layout, Read, Table, TableOptions
from kobo_async.forms.labels import label_of, place_of, titled
from kobo_async.forms.schema import Form, Kind, Question

POINT = ("latitude", "longitude", "altitude", "precision")
EXTRA = Column("_extra", "_extra", Holds.JSON, "key")
JOIN = (
    Column("_index", "_index", Holds.INTEGER, "key"),
    Column("_parent_table_name", "_parent_table_name", Holds.TEXT, "key"),
    Column("_parent_index", "_parent_index", Holds.INTEGER, "key"),
    Column("_submission__id", "_id", Holds.INTEGER, "key"),
)


def lay_out(form: Form, options: TableOptions | None = None) -> Layout:
    """Lay out the tables of a form.

    Raises:
        ConfigError: for a language that the form does not have.
    """
    return _Drawer(form, options or TableOptions()).draw()


@attrs.frozen
class _Drawer:
    form: Form
    options: TableOptions

    def draw(self) -> Layout:
        names = {"": self.form.name or "submissions"}
        for path in self.form.repeats:
            names[path] = _free(path.rpartition("/")[2], names.values())
        return Layout(self.form, tuple(self._table(path, names) for path in names))

    def _table(self, path: str, names: dict[str, str]) -> Table:
        asked = [q for q in self.form.questions if q.repeat == path and self._wanted(q)]
        fields = [self._field(question) for question in asked]
        fields += () if path else self._system()
        keys = (*JOIN, EXTRA) if path else (JOIN[0], EXTRA)
        taken = {key.name for key in keys}
        return Table(
            names[path], path, self._parent(path, names), tuple(_apart(fields, taken)), keys
        )

    def _parent(self, path: str, names: dict[str, str]) -> str | None:
        if not path:
            return None
        around = [one for one in names if one and path.startswith(f"{one}/")]
        return names[max(around, key=len, default="")]

    def _wanted(self, question: Question) -> bool:
        return not self.options.only or question.path in self.options.only

    def _system(self) -> Iterator[Field]:
        for path in self.options.system:
            holds = Holds.INTEGER if path == "_id" else Holds.TEXT
            yield Field(path, (Column(path, path, holds, "system"),), readers.system(path))

    def _title(self, question: Question) -> str:
        match self.options.headers:
            case "name":
                return question.name
            case "label":
                return titled(self.form, question, self._place, self.options.group_sep)
        return question.path.replace("/", self.options.group_sep)

    @property
    def _place(self) -> int:
        return place_of(self.form, self.options.labels)

    def _column(self, question: Question, name: str, holds: Holds) -> Column:
        return Column(name, question.path, holds, question.type, label_of(question, self._place))

    def _field(self, question: Question) -> Field:
        kind, title = question.kind, self._title(question)
        if kind in (Kind.SELECT_MULTIPLE, Kind.RANK):
            return self._choices(question, title)
        if kind in readers.SHAPES:
            return self._shape(question, title)
        if kind is Kind.SELECT_ONE:
            labels = self._labels(question)
            read = readers.one_choice(labels, open_ended=question.other or not labels or self._raw)
            return self._single(question, title, Holds.TEXT, read)
        if self._raw:
            return self._single(question, title, Holds.TEXT, readers.scalar(values.text))
        if kind in readers.TIMES:
            return self._time(question, title)
        holds, parse = readers.SCALARS[kind]
        return self._single(question, title, holds, readers.scalar(parse))

    @property
    def _raw(self) -> bool:
        return self.options.values == "text"

    def _single(self, question: Question, title: str, holds: Holds, read: Read) -> Field:
        return Field(question.path, (self._column(question, title, holds),), read)

    def _time(self, question: Question, title: str) -> Field:
        holds, read = readers.TIMES[question.kind]
        columns = [self._column(question, title, holds)]
        if self.options.offsets:
            columns.append(self._column(question, f"{title}_offset", Holds.INTEGER))
        return Field(question.path, tuple(columns), read(offsets=self.options.offsets))

    def _labels(self, question: Question) -> dict[str, str]:
        labelled = self.options.labels is not None
        return {
            choice.name: (labelled and label_of(choice, self._place)) or choice.name
            for choice in question.choices
        }

    def _choices(self, question: Question, title: str) -> Field:
        labels, mode = self._labels(question), self.options.select_multiple
        whole = (Holds.TEXT if self._raw else Holds.TEXTS) if mode != "indicators" else None
        indicators = mode != "list" and question.kind is Kind.SELECT_MULTIPLE
        columns = [self._column(question, title, whole)] if whole else []
        if indicators:
            flag = Holds.TEXT if self._raw else Holds.BOOLEAN
            names = [f"{title}{self.options.group_sep}{label}" for label in labels.values()]
            columns += [self._column(question, name, flag) for name in names]
        read = readers.choices(
            labels, whole=whole, indicators=indicators, flag=_bit if self._raw else bool
        )
        return Field(question.path, tuple(columns), read)

    def _shape(self, question: Question, title: str) -> Field:
        columns = [self._column(question, title, Holds.TEXT)]
        if question.kind is Kind.GEOPOINT:
            before, sep, name = title.rpartition(self.options.group_sep)
            number = Holds.TEXT if self._raw else Holds.DECIMAL
            names = [f"{before}{sep}_{name}_{part}" for part in POINT]
            columns += [self._column(question, name, number) for name in names]
        written = "text" if self._raw else self.options.geometry
        read = readers.place(question.kind, written, str if self._raw else float)
        return Field(question.path, tuple(columns), read)


def _bit(value: bool) -> str:  # noqa: FBT001 - made from a comparison
    return "1" if value else "0"


def _free(name: str, taken: Iterable[str]) -> str:
    """Return a name that nothing else has, whatever the case of its letters."""
    others = {one.casefold() for one in taken}
    numbered = (f"{name}_{number}" for number in count(2))
    return next(one for one in chain((name,), numbered) if one.casefold() not in others)


def _apart(fields: Iterable[Field], taken: set[str]) -> Iterator[Field]:
    """Give every column a name of its own."""
    for field in fields:
        columns = []
        for column in field.columns:
            name = _free(column.name, taken)
            taken.add(name)
            columns.append(attrs.evolve(column, name=name))
        yield attrs.evolve(field, columns=tuple(columns))
