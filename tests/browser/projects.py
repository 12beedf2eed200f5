"""A project with every kind of question, and its report."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from kobo_async.forms.columns import TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.report.page import page
from kobo_async.report.summary import Summary

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
    "<b>{{7*7}}</b> ${7*7} \" ' & \u2028 \u202e javascript:alert(1)"
)
MADE = datetime(2026, 11, 21, 12, tzinfo=UTC)
BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOURCES = {"tap": "Public tap", "well": "Tube well or borehole", "river": "River or lake"}
CROPS = {f"c{number}": f"Crop number {number}" for number in range(20)}


def content(words: str | None) -> dict[str, Any]:
    def asked(type_: str, name: str, label: str, choices: str = "") -> dict[str, Any]:
        row = {"type": type_, "name": name, "label": [words or label]}
        return row | ({"select_from_list_name": choices} if choices else {})

    def listed(name: str, choices: dict[str, str]) -> list[dict[str, Any]]:
        return [
            {"list_name": name, "name": one, "label": [words or label]}
            for one, label in choices.items()
        ]

    survey = [
        {"type": "start", "name": "start"},
        asked("text", "village", "Village"),
        asked("select_one", "water", "Where does the drinking water come from?", "sources"),
        asked("select_multiple", "crops", "Crops", "crops"),
        asked("geopoint", "gps", "Location"),
        asked("integer", "size", "Household size"),
        asked("decimal", "income", "Monthly income (EUR)"),
        asked("date", "visit", "Date of the visit"),
        asked("time", "hour", "Time of the visit"),
        asked("begin_repeat", "members", "Members"),
        asked("integer", "age", "Age"),
        asked("select_one", "sex", "Sex", "sexes"),
        {"type": "end_repeat"},
    ]
    sexes = {"f": "Female", "m": "Male"}
    choices = [*listed("sources", SOURCES), *listed("crops", CROPS), *listed("sexes", sexes)]
    return {"translations": [words or "English (en)"], "survey": survey, "choices": choices}


def rows(words: str | None) -> list[dict[str, Any]]:
    chance = random.Random(7)  # noqa: S311 - test data
    return [_row(number, chance, words) for number in range(400)]


def _row(number: int, chance: random.Random, words: str | None) -> dict[str, Any]:
    moment = BEGIN + timedelta(days=int(chance.triangular(0, 60, 15)), hours=chance.gauss(0, 2))
    row = {
        "_id": number + 1,
        "_submission_time": moment.isoformat()[:19],
        "_submitted_by": words or chance.choice(["amina", "bob", "chantal"]),
        "__version__": words or "vA",
        "start": moment.isoformat(),
        "village": words or f"village {number % 90}",
        "water": chance.choice([*SOURCES, *SOURCES, "elsewhere"]),
        "gps": f"{chance.gauss(4, 0.1):.6f} {chance.gauss(9.7, 0.1):.6f} 0 5",
        "size": str(1 + int(chance.triangular(0, 12, 4))),
        "income": f"{chance.lognormvariate(6, 0.6):.2f}",
        "visit": moment.date().isoformat(),
        "hour": f"{moment.hour:02}:15:00.000+01:00",
        "members": [
            {"members/age": str(chance.randrange(90)), "members/sex": chance.choice("fm")}
            for _ in range(chance.randrange(5))
        ],
    }
    if chance.random() < 0.7:
        row["crops"] = " ".join(chance.sample(list(CROPS), 3))
    return row


def report(name: str, *, words: str | None = None) -> str:
    """Make a report; `words` take the place of all labels, texts and names."""
    options = TableOptions(select_multiple="list", offsets=False)
    layout = lay_out(read_form(content(words), name), options)
    tabulator, summary = Tabulator(layout), Summary(layout)
    summary.add(tabulator.add(rows(words)))
    return page(summary.facts(tabulator.bad.count), MADE)
