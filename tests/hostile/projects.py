"""Projects whose makers and enumerators mean harm: every text in them is an attack."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from kobo_async.forms.columns import Batch, Layout, TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from tests.hostile.attacks import SENDABLE, sendable, texts

Row = dict[str, Any]
PROJECTS: Final = int(os.environ.get("KOBO_HOSTILE", "25"))
"""Random projects for each sink."""
TYPES: Final = ("text", "integer", "text", "decimal", "date", "select_one", "geopoint")
ODD: Final = (
    (None, True, 1.5, -0.0, 10**15, 2**63 - 1, -(2**63), 2**64 - 1),
    ([], {}, [[]], {"a": None}, ["x", {"y": "z"}], [None]),
)


@attrs.frozen
class Project:
    """A form, and what was answered."""

    name: str
    content: Mapping[str, Any]
    rows: Sequence[Row]

    def layout(self, **options: Any) -> Layout:
        return lay_out(read_form(self.content, self.name), TableOptions(**options))

    def batches(self, layout: Layout) -> Sequence[Batch]:
        return list(Tabulator(layout).add(list(self.rows)))


def project(names: Sequence[str], answers: Sequence[Any], title: str = "Wells") -> Project:
    """Ask a question of every name, of all types in turn, the last ones in a repeat."""
    inside = f"{names[0]}r"
    survey: list[Row] = [_question(name, place) for place, name in enumerate(names)]
    survey += [
        {"type": "begin_repeat", "name": inside, "$xpath": inside, "label": [names[-1]]},
        {"type": "text", "name": names[-1], "$xpath": f"{inside}/{names[-1]}"},
        {"type": "end_repeat"},
    ]
    choices = [{"list_name": "l", "name": name, "label": [name]} for name in names]
    content = {"survey": survey, "choices": choices, "translations": [None]}
    return Project(title, content, [_row(names, answers, inside, 1), {"_id": 2}])


def _question(name: str, place: int) -> Row:
    kind = TYPES[place % len(TYPES)] if place else "select_multiple"
    return {
        "type": kind,
        "name": name,
        "$xpath": name,
        "label": [name],
        "select_from_list_name": "l",
    }


def _row(names: Sequence[str], answers: Sequence[Any], inside: str, number: int) -> Row:
    given = {name: answers[place % len(answers)] for place, name in enumerate(names)}
    rows = [{f"{inside}/{names[-1]}": answer} for answer in answers]
    unknown = {f"unknown {answer}": answer for answer in answers if isinstance(answer, str)}
    return {**given, **unknown, inside: rows, "_id": number, "_submitted_by": str(answers[0])}


said: Final = texts.map(sendable)
answers: Final = said | st.sampled_from([one for some in ODD for one in some])
projects: Final = st.builds(
    project,
    st.lists(said.filter(bool), min_size=1, max_size=8),
    st.lists(answers, min_size=1, max_size=6),
    said,
)
"""Random ones."""
WHOLE: Final = project([one for one in SENDABLE if one], SENDABLE, SENDABLE[0])
"""The one with all attacks at once."""
