"""Forms and submissions at random, as a server would store and send them.

`forms()` draws a form with one to three versions: groups, nested repeats, every type of question,
the widgets of the form builder, several languages, legacy spellings, names that differ only in
case. Versions are drawn from one small pool of names, so the same path is a number in one, a text
or a repeat in another. `submissions(form)` draws rows of any of the versions. Where the answers
of a question arrive is worked out here, apart from the package.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs
from hypothesis import strategies as st

Row: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

FORMS = int(os.environ.get("KOBO_FORMS", "300"))
"""Forms that each law is tried on."""
NAMES = ("_id", "a", "A", "b", "c", "a_b", "b_other", "été", "_index", "members")
"""Names of questions; outside of groups the first one is a key of the server."""

LANGUAGES = ("English (en)", "Français (fr)", "English", "fr", None)
LISTS = ("yn", "needs")
DEPTH = 3


@attrs.frozen
class Asked:
    """A path at which answers arrive, and what they are; None for what is never answered."""

    path: str
    values: st.SearchStrategy[str] | None


@attrs.frozen
class Repeated:
    """A path at which rows arrive."""

    path: str
    inside: Sequence[Asked | Repeated]


Answered: TypeAlias = Sequence[Asked | Repeated]


@attrs.frozen
class Generated:
    """A form.

    Attributes:
        name: its title.
        contents: of all versions, newest first.
        answered: where answers to each version arrive.
    """

    name: str
    contents: Sequence[Mapping[str, Any]]
    answered: Sequence[Answered]

    @property
    def content(self) -> Mapping[str, Any]:
        """The newest version."""
        return self.contents[0]


def _choice_names(list_name: str) -> Sequence[str]:
    return {"yn": ("yes", "no"), "needs": ("food", "water", "Food", "1")}[list_name]


TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1)
_NUMBER = st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr)
_OFFSET = st.sampled_from(["Z", "+00:00", "+02:00", "-05:30"])
_POINT = st.tuples(
    st.integers(-90, 90), st.integers(-180, 180), st.sampled_from(["", " 0 0", " 12.5 4"])
).map(lambda p: f"{p[0]}.25 {p[1]}.5{p[2]}" if abs(p[0]) < 90 and abs(p[1]) < 180 else "0 0 0 0")
_MOMENT = st.builds(lambda d, o: f"{d.isoformat('T', 'milliseconds')}{o}", st.datetimes(), _OFFSET)
_POINTS = st.lists(_POINT, min_size=3, max_size=4)

VALUES: Mapping[str, st.SearchStrategy[str]] = {
    **dict.fromkeys(("text", "barcode", "calculate", "hidden", "deviceid", "username"), TEXTS),
    **dict.fromkeys(("phonenumber", "simserial", "subscriberid", "email"), TEXTS),
    **dict.fromkeys(("integer",), st.integers(-(2**31), 2**31).map(str)),
    **dict.fromkeys(("decimal",), _NUMBER),
    **dict.fromkeys(("date", "today"), st.dates().map(str)),
    "time": st.builds(lambda t, o: f"{t.isoformat('milliseconds')}{o}", st.times(), _OFFSET),
    **dict.fromkeys(("datetime", "start", "end"), _MOMENT),
    **dict.fromkeys(("geopoint", "start-geopoint"), _POINT),
    "geotrace": _POINTS.map(";".join),
    "geoshape": _POINTS.map(lambda points: ";".join([*points, points[0]])),
    "acknowledge": st.just("OK"),
    **dict.fromkeys(
        ("image", "audio", "video", "file", "audit", "background-audio"), st.just("photo 1.png")
    ),
    "select_one_from_file": TEXTS,
    "select_one_external": TEXTS,
    "select_multiple_from_file": st.sampled_from(["a", "a b"]),
}
SILENT = ("note", "xml-external", "csv-external")
SELECTS = ("select_one", "select_multiple", "rank")
LEAVES = (*VALUES, *SELECTS, *SILENT, "range", "brand_new_type")
WIDGETS = ("score", "rank", "kobomatrix")
STRANGE = st.one_of(
    TEXTS, st.sampled_from(["", " ", "NaN", "1.5", "2026-13-01", "999 999", "1e999"])
)
"""Answers that fit no type."""


@attrs.frozen
class _Paper:
    """Writes the rows of one version down while they are drawn."""

    draw: Draw
    languages: Sequence[str | None]
    legacy: bool
    rows: list[Row] = attrs.field(factory=list)

    def label(self) -> Row:
        """Draw a label: a list along the languages, or none."""
        if self.draw(st.integers(0, 4)) == 0:
            return {}
        if self.legacy:
            return {"label": self.draw(TEXTS)}
        return {"label": [self.draw(st.none() | TEXTS) for _ in self.languages]}

    def row(self, type_: str, name: str, seen: str, **more: Any) -> None:
        """Write one row; `seen` is the path that the server notes down for it."""
        row: Row = {"type": type_, "name": name, **self.label(), **more}
        if not self.legacy:
            row |= {"$kuid": f"k{len(self.rows)}", "$autoname": name, "$xpath": seen}
            if self.draw(st.integers(0, 9)) == 0:
                del row["name"]
        self.rows.append(row)

    def spelled(self, type_: str) -> str:
        """Spell `begin_group` as it was spelled once."""
        return type_.replace("_", " ", 1) if self.legacy else type_

    def items(self, above: str, depth: int) -> Iterator[Asked | Repeated]:
        """Draw what stands inside a group."""
        names = NAMES if above else NAMES[1:]
        for name in self.draw(st.lists(st.sampled_from(names), max_size=5, unique=True)):
            choice = self.draw(st.integers(0, 9))
            path = f"{above}{name}"
            if choice < 3 and depth < DEPTH:
                yield from self.branch(name, path, depth, repeat=choice == 0)
            elif choice == 3 and not self.legacy:
                yield from self.widget(name, above)
            else:
                yield from self.leaf(name, path)

    def branch(self, name: str, path: str, depth: int, *, repeat: bool) -> Answered:
        """Draw a group or repeat."""
        word = "repeat" if repeat else "group"
        counted = repeat and self.draw(st.integers(0, 3)) == 0
        more = {"repeat_count": "1 + 2"} if counted else {}
        self.row(self.spelled(f"begin_{word}"), name, path, **more)
        inside = tuple(self.items(f"{path}/", depth + 1))
        self.rows.append({"type": self.spelled(f"end_{word}")})
        if not repeat:
            return inside
        return [Repeated(path, inside), *[Asked(f"{path}_count", st.just("3"))] * counted]

    def leaf(self, name: str, path: str) -> Answered:
        """Draw a question."""
        type_ = self.draw(st.sampled_from(LEAVES))
        if type_ in SELECTS:
            return self.select(type_, name, path)
        if type_ == "range":
            step = self.draw(st.sampled_from(["1", "0.5", None]))
            given = f"start=0;end=10;step={step}" if step else "end=10"
            self.row(type_, name, path, parameters=given)
            return [Asked(path, st.sampled_from(["0", "10", "5" if step != "0.5" else "2.5"]))]
        more = {"file": "x.csv"} if "from_file" in type_ else {}
        self.row(type_, name, path, **more)
        seen = "meta/audit" if type_ == "audit" else path
        return [Asked(seen, VALUES.get(type_, None if type_ in SILENT else TEXTS))]

    def select(self, type_: str, name: str, path: str) -> Answered:
        """Draw a question with choices, and maybe one for what else there is."""
        list_name = self.draw(st.sampled_from(LISTS))
        other = type_ != "rank" and self.draw(st.integers(0, 3)) == 0
        names = [*_choice_names(list_name), *["other"] * other]
        if self.legacy:
            spelled = type_.replace("_", " ") if type_ == "select_one" else type_
            self.row(f"{spelled} {list_name}{' or_other' * other}", name, path)
        else:
            flag = {"_or_other": True} if other else {}
            self.row(type_, name, path, select_from_list_name=list_name, **flag)
        many = st.lists(st.sampled_from(names), min_size=1, unique=True).map(" ".join)
        ordered = st.permutations(names).map(" ".join)
        values = {"select_one": st.sampled_from(names), "rank": ordered}.get(type_, many)
        return [Asked(path, values), *[Asked(f"{path}_other", TEXTS)] * other]

    def widget(self, name: str, above: str) -> Answered:
        """Draw one of the questions that are made of several."""
        kind = self.draw(st.sampled_from(WIDGETS))
        list_name = self.draw(st.sampled_from(LISTS))
        names, inside = _choice_names(list_name), ("r1", "r2")
        setting = {"score": "kobo--score-choices", "rank": "kobo--rank-items"}
        more = {setting.get(kind, "kobo--matrix_list"): list_name}
        self.row(f"begin_{kind}", name, f"{above}{name}", **more)
        for one in inside:
            seen = f"{above}{name}/{one}" if kind == "score" else f"{above}{one}"
            type_ = {"score": "score__row", "rank": "rank__level"}.get(kind, "integer")
            self.row(type_, one, seen)
        self.rows.append({"type": f"end_{kind}"})
        if kind == "kobomatrix":
            cells = [f"{name}_{row}/{name}_{row}_{one}" for row in names for one in inside]
            return [Asked(f"{above}{cell}", VALUES["integer"]) for cell in cells]
        return [Asked(f"{above}{name}/{one}", st.sampled_from(names)) for one in inside]

    def content(self) -> Row:
        """Return the content of the version."""
        choices = [
            {"list_name": list_name, "name": name, "$autovalue": name, **self.label()}
            for list_name in LISTS
            for name in _choice_names(list_name)
        ]
        content: Row = {"schema": "1", "survey": self.rows, "choices": choices, "settings": {}}
        if not self.legacy:
            content |= {"translations": list(self.languages), "translated": ["label"]}
        return content


@st.composite
def forms(draw: Draw) -> Generated:
    """Draw a form with all its versions."""
    contents, answered = [], []
    for _ in range(draw(st.integers(1, 3))):
        legacy = draw(st.integers(0, 4)) == 0
        languages = draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=3, unique=True))
        paper = _Paper(draw, languages, legacy)
        answered.append(tuple(paper.items("", 0)))
        contents.append(paper.content())
    return Generated(
        draw(st.sampled_from(["Form", "a", "Très / long: [form]"])), contents, answered
    )


@st.composite
def submissions(draw: Draw, form: Generated, *, strange: bool = False) -> list[Row]:
    """Draw rows of any version, as the server sends them; `strange` ones fit no type."""
    rows = []
    for number in range(1, draw(st.integers(0, 4)) + 1):
        version = draw(st.integers(0, len(form.contents) - 1))
        answers = _answers(draw, form.answered[version], strange=strange)
        rows.append(_system(number, version) | answers)
    return rows


def _answers(draw: Draw, answered: Answered, *, strange: bool) -> Row:
    row: Row = {}
    for one in answered:
        if draw(st.integers(0, 3)) == 0:
            continue
        if isinstance(one, Repeated):
            items = [_answers(draw, one.inside, strange=strange) for _ in range(draw(SIZES))]
            row |= {one.path: items} if items else {}
        elif one.values is not None:
            row[one.path] = draw(one.values | STRANGE if strange else one.values)
    return row


SIZES = st.integers(0, 3)


def _system(number: int, version: int) -> Row:
    uuid = f"00000000-0000-4000-8000-{number:012}"
    approved = {"timestamp": 1, "uid": "x", "by_whom": "alice", "label": "Approved"}
    return {
        "_id": number,
        "formhub/uuid": "b25c648cb9304a849590ffc148aa302a",
        "__version__": f"v{version}",
        "meta/instanceID": f"uuid:{uuid}",
        "meta/rootUuid": f"uuid:{uuid}",
        "_xform_id_string": "aGenerated",
        "_uuid": uuid,
        "_attachments": [],
        "_status": "submitted_via_web",
        "_geolocation": [None, None],
        "_submission_time": "2026-11-21T00:16:20",
        "_validation_status": approved if number % 2 else {},
        "_submitted_by": "alice" if number % 3 else None,
    }
