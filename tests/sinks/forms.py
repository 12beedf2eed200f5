"""Submissions of a household form, for the sinks that keep types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kobo_async.forms.columns import Layout, TableOptions
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.forms.versions import merged

REGIONS = ("north", "south")
QUESTIONS = {
    "region": "select_one",
    "size": "integer",
    "income": "decimal",
    "day": "date",
    "at": "datetime",
    "hour": "time",
    "seen": "acknowledge",
    "owns": "select_multiple",
    "place": "geopoint",
}


def content(*, without: str = "", **questions: str) -> dict[str, Any]:
    """Return the form, with some of its questions changed, added or left out."""
    asked = {name: type_ for name, type_ in (QUESTIONS | questions).items() if name != without}
    survey = [
        {"type": type_, "name": name, "$xpath": name, "label": [f"The {name}'s"]}
        | {"select_from_list_name": "list"}
        for name, type_ in asked.items()
    ]
    repeat = [
        {"type": "begin_repeat", "name": "members", "$xpath": "members"},
        {"type": "integer", "name": "age", "$xpath": "members/age"},
        {"type": "end_repeat"},
    ]
    choices = [{"list_name": "list", "name": name} for name in REGIONS]
    return {"survey": survey + repeat, "choices": choices, "translations": [None]}


def laid_out(form: dict[str, Any] | None = None, **options: Any) -> Layout:
    """Lay out the form as databases want it."""
    chosen = {"numbering": "submission"} | options
    return lay_out(merged([form or content()], "Survey"), TableOptions(**chosen))


def row(number: int, **answers: Any) -> dict[str, Any]:
    """Return a submission; those with odd numbers leave out most answers."""
    given = {
        "region": REGIONS[number % 4 // 2],
        "size": str(number),
        "income": f"{number}.5",
        "day": f"2026-{number % 12 + 1:02}-03",
        "at": "2026-01-02T03:04:05.678+02:00",
        "hour": "03:04:05.678+02:00",
        "seen": "OK",
        "owns": "south north",
        "place": "1.5 36.25 100 4",
        "members": [{"members/age": str(age)} for age in range(number % 3)],
    }
    kept = given if number % 2 == 0 else {}
    return {"_id": number, "_submission_time": "2026-01-02T03:04:05", **kept, **answers}


def rows(*numbers: int) -> list[dict[str, Any]]:
    """Return submissions with these numbers."""
    return [row(number) for number in numbers]


def pages(layout: Layout, submissions: Iterable[dict[str, Any]], size: int = 7) -> Iterator[Any]:
    """Yield the tables of submissions page by page."""
    tabulator, given = Tabulator(layout), list(submissions)
    for first in range(0, len(given), size):
        yield tabulator.add(given[first : first + size])


async def put(
    sink: Any, layout: Layout, submissions: Iterable[dict[str, Any]], *, lost: bool = False
) -> None:
    """Write submissions into a sink; if `lost`, the download fails after the last page."""
    async with sink:
        for page in pages(layout, submissions):
            await sink.write(page)
        if lost:
            raise RuntimeError("lost")


def cells(
    layout: Layout, submissions: Iterable[dict[str, Any]]
) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each table."""
    found: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in layout.tables}
    for batch in Tabulator(layout).add(list(submissions)):
        found[batch.table.name] += batch.rows()
    return found
