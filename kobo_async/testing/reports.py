"""The figures of `/reports/` (observed §3, models.md §19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import mean, median, multimode, stdev
from typing import Any, Final

Row = dict[str, Any]

_NUMBERS: Final = {"integer": int, "decimal": float, "range": float}
_GRAPHS: Final = frozenset({"select_one", "select_multiple", "date"})
_COUNTED: Final = frozenset({"start", "end", "today", "username", "deviceid", "datetime"}) | {
    "geopoint",
    "geotrace",
    "geoshape",
}
"""Types of which only the number of answers is told."""
_UNREPORTED: Final = frozenset({"note", "begin_group", "end_group", "begin_repeat", "end_repeat"})


def questions_of(content: dict[str, Any]) -> list[Row]:
    """Return the questions that have a report, those inside repeats last."""
    survey = content.get("survey", [])
    repeats = tuple(f"{row['$xpath']}/" for row in survey if row["type"] == "begin_repeat")
    found = [row for row in survey if "$xpath" in row and row["type"] not in _UNREPORTED]
    return sorted(found, key=lambda row: row["$xpath"].startswith(repeats or ("//",)))


def report(question: Row, rows: list[Row]) -> dict[str, Any]:
    """Return the report of one question."""
    answers = [row[question["$xpath"]] for row in rows if row.get(question["$xpath"])]
    return _entry(question, {**_totals(question, len(rows), answers), **_told(question, answers)})


def report_by(question: Row, split: Row, rows: list[Row]) -> dict[str, Any]:
    """Return the report of one question, by the answers to another one."""
    path, other = question["$xpath"], split["$xpath"]
    pairs = [(row[path], row[other]) for row in rows if row.get(path) and row.get(other)]
    if question["type"] == "select_multiple":
        pairs = [(name, choice) for text, choice in pairs for name in text.split()]
    totals = _totals(question, len(pairs), [text for text, _ in pairs])
    if question["type"] in _COUNTED:
        return _entry(question, totals)
    values = _stats_by(question, pairs) if question["type"] in _NUMBERS else _counts_by(pairs)
    return _entry(question, {**totals, "values": values})


def _entry(question: Row, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": question["$autoname"],
        "row": {"type": question["type"]},
        "data": data,
        "kuid": question["$kuid"],
        "style": {},
    }


def _totals(question: Row, count: int, answers: list[str]) -> dict[str, Any]:
    return {
        "total_count": count,
        "not_provided": count - len(answers),
        "provided": len(answers),
        "show_graph": question["type"] in _GRAPHS,
    }


def _told(question: Row, answers: list[str]) -> dict[str, Any]:
    kind = question["type"]
    if kind in _COUNTED:
        return {}
    if kind in _NUMBERS:
        return _stats(kind, answers)
    if not answers:
        return {"percentage": []}
    texts = [name for text in answers for name in _names(kind, text)]
    return _frequencies(Counter(texts).most_common(), len(answers))


def _names(kind: str, text: str) -> list[str]:
    return text.split() if kind == "select_multiple" else [text]


def _frequencies(counts: Iterable[tuple[str, int]], total: int) -> dict[str, Any]:
    counts = list(counts)
    return {
        "responses": [text for text, _ in counts],
        "frequencies": [count for _, count in counts],
        "percentages": [round(count * 100 / total, 2) for _, count in counts],
    }


def _stats(kind: str, answers: list[str]) -> dict[str, Any]:
    """Return what numbers come to; a star stands for what they do not."""
    values = [_NUMBERS[kind](text) for text in answers]
    if not values:
        return dict.fromkeys(("median", "mean", "mode", "stdev"), "*")
    modes = multimode(values)
    return {
        "median": median(values),
        "mean": mean(values),
        "mode": modes[0] if len(modes) == 1 else "*",
        "stdev": stdev(values) if len(values) > 1 else "*",
    }


def _stats_by(question: Row, pairs: list[tuple[str, str]]) -> list[list[Any]]:
    choices = dict.fromkeys(choice for _, choice in pairs)
    return [
        [choice, _stats(question["type"], [text for text, one in pairs if one == choice])]
        for choice in choices
    ]


def _counts_by(pairs: list[tuple[str, str]]) -> list[list[Any]]:
    choices = sorted({choice for _, choice in pairs})
    counted = Counter(pairs)
    texts = [text for text, _ in Counter(text for text, _ in pairs).most_common()]
    return [
        [text, _frequencies([(one, counted[text, one]) for one in choices], len(pairs))]
        for text in texts
    ]
