"""The columns of each question, and of what the server adds: their names and their readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from kobo_async.forms import geometry, readers, values
from kobo_async.forms.columns import (
    STRUCTURED,
    Column,
    Field,
    Holds,
    Read,
    Source,
    TableOptions,
)
from kobo_async.forms.labels import label_of, place_of, titled
from kobo_async.forms.schema import Form, Kind, Question

POINT: Final = ("latitude", "longitude", "altitude", "precision")


@attrs.frozen
class _List:
    """What is shown for each choice, in two forms."""

    labels: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...]


class Fields:
    """Makes the fields of a form's tables.

    Raises:
        ConfigError: for a language that the form does not have.
    """

    def __init__(self, form: Form, options: TableOptions) -> None:
        self._form = form
        self._options = options
        self._place = place_of(form, options.labels)
        self._raw = options.values == "text"
        self._flags: Sequence[Any] = ("0", "1") if self._raw else (False, True)
        self._flag = Holds.TEXT if self._raw else Holds.BOOLEAN
        self._lists: dict[int, _List] = {}

    def asked(self, repeat: str) -> Iterator[Field]:
        """Yield what is asked in a repeat, or outside of all if it is empty."""
        for question in self._form.asked.get(repeat, ()):
            if self._options.wants(question.path):
                yield from self._of(question, self._title(question))

    def system(self) -> Iterator[Field]:
        """Yield what the server adds."""
        for path in self._options.systems:
            holds, read = self._system(path)
            yield Field(path, (Column(path, path, holds, "system"),), read)
            if path == "_validation_status" and self._options.system == "all":
                details = Column(f"{path}_details", path, Holds.JSON, "system")
                yield Field(path, (details,), readers.as_sent)

    def _system(self, path: str) -> tuple[Holds, Read]:
        if path == "_id":
            return Holds.INTEGER, readers.numbered
        if path == "_validation_status":
            return Holds.TEXT, readers.status("label" if self._options.labels else "uid")
        if path in STRUCTURED:
            return Holds.JSON, readers.as_sent
        if path == "_submission_time" and not self._raw:
            return Holds.TIMESTAMP, readers.EachOnce(values.utc_moments, 1)
        return Holds.TEXT, readers.plain

    def _title(self, question: Question) -> str:
        match self._options.headers:
            case "name":
                return question.name
            case "label":
                return titled(self._form, question, self._place, self._options.group_sep)
        return question.path.replace("/", self._options.group_sep)

    def _of(self, question: Question, title: str) -> Iterator[Field]:
        match question.kind:
            case Kind.SELECT_MULTIPLE | Kind.RANK:
                yield self._choices(question, title)
            case Kind.SELECT_ONE:
                yield self._choice(question, title)
            case Kind.GEOPOINT:
                yield self._point(question, title)
            case Kind.GEOTRACE | Kind.GEOSHAPE if not self._raw:
                many = geometry.shapes(question.kind, self._options.geometry)
                yield self._field(question, (title, Holds.TEXT), read=readers.EachOnce(many, 1))
            case Kind.DATETIME | Kind.TIME if not self._raw:
                yield self._time(question, title)
            case kind if kind in readers.SCALARS and not self._raw:
                holds, many = readers.SCALARS[kind]
                yield self._field(question, (title, holds), read=readers.EachOnce(many, 1))
            case _:
                yield self._field(question, (title, Holds.TEXT), read=readers.plain)
        if question.kind is Kind.MEDIA and self._options.media:
            yield self._file(question, title)

    def _field(self, question: Question, *named: tuple[str, Holds], read: Read) -> Field:
        label = label_of(question, self._place)
        choices = self._list(question).pairs
        columns = (
            Column(name, question.path, holds, question.type, label, choices)
            for name, holds in named
        )
        return Field(question.path, tuple(columns), read)

    def _list(self, question: Question) -> _List:
        """Return the choices of a question; those that many questions share are looked at once."""
        key = id(question.choices)
        if key not in self._lists:
            labelled = self._options.labels is not None
            labels = {
                choice.name: (labelled and label_of(choice, self._place)) or choice.name
                for choice in question.choices
            }
            self._lists[key] = _List(labels, tuple(labels.items()))
        return self._lists[key]

    def _open_ended(self, question: Question) -> bool:
        return self._raw or question.other or not question.choices

    def _choice(self, question: Question, title: str) -> Field:
        labels = self._list(question).labels
        many = readers.one_choice(labels, open_ended=self._open_ended(question))
        return self._field(question, (title, Holds.TEXT), read=readers.EachOnce(many, 1))

    def _choices(self, question: Question, title: str) -> Field:
        labels, mode = self._list(question).labels, self._options.select_multiple
        ranked = question.kind is Kind.RANK
        named: list[tuple[str, Holds]] = []
        if ranked or mode != "indicators":
            named.append((title, Holds.TEXT if self._raw else Holds.TEXTS))
        whole = self._whole() if named else None
        if flagged := not ranked and mode != "list":
            sep = self._options.group_sep
            named += ((f"{title}{sep}{label}", self._flag) for label in labels.values())
        flags = self._flags if flagged else None
        many = readers.choices(
            labels, whole=whole, flags=flags, open_ended=self._open_ended(question)
        )
        return self._field(question, *named, read=readers.EachOnce(many, len(named)))

    def _whole(self) -> readers.Whole:
        if not self._raw:
            return lambda _, chosen: chosen
        if self._options.labels is None:
            return lambda text, _: text
        return lambda _, chosen: " ".join(chosen)

    def _time(self, question: Question, title: str) -> Field:
        holds, many = readers.TIMES[question.kind]
        named = [(title, holds)]
        if self._options.offsets:
            named.append((f"{title}_offset", Holds.INTEGER))
        return self._field(question, *named, read=readers.EachOnce(many, len(named)))

    def _point(self, question: Question, title: str) -> Field:
        labelled = self._options.headers == "label"
        name = (labelled and label_of(question, self._place)) or question.name
        number = Holds.TEXT if self._raw else Holds.DECIMAL
        # The server leaves the groups out of the label of the whole, and only there.
        named = [(name if labelled else title, Holds.TEXT)]
        named += ((f"{title.removesuffix(name)}_{name}_{part}", number) for part in POINT)
        many = geometry.parted if self._raw else geometry.points(self._options.geometry)
        return self._field(question, *named, read=readers.EachOnce(many, len(named)))

    def _file(self, question: Question, title: str) -> Field:
        named = (f"{title}_URL", Holds.TEXT), (f"{title}_deleted", self._flag)
        field = self._field(question, *named, read=readers.file(self._flags))
        return attrs.evolve(field, source=Source.ATTACHMENT)
