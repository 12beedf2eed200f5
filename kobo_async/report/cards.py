"""The parts of the page: a card for each question, and tables with bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from kobo_async.report import wording
from kobo_async.report.facts import (
    Bar,
    Choices,
    Days,
    Distribution,
    Facts,
    Hours,
    Numbers,
    Places,
    QuestionFacts,
    Scale,
    Texts,
)
from kobo_async.report.markup import Html, tag

AT_A_GLANCE: Final = 12
Chart: TypeAlias = Callable[[Scale, str], Html]


def card(question: QuestionFacts, chart: Chart) -> Html:
    """Show the answers to one question."""
    whole = question.answered + question.missing
    share = wording.share(question.answered, whole)
    above = " · ".join(filter(None, (question.group, question.type)))
    return tag(
        "article",
        tag("div", tag("p", above, class_="over"), tag("h3", question.label, dir="auto")),
        tag(
            "p",
            tag("span", f"{question.answered:,} answers"),
            tag("i", style=_share(question.answered, whole), aria_hidden="true"),
            tag("span", share),
            class_="meter",
        ),
        *_shown(question, chart),
        class_="card wide" if isinstance(question.distribution, Places) else "card",
    )


def _share(part: float, whole: float) -> str:
    return f"--share:{min(100.0, 100 * part / whole) if whole else 0:.2f}%"


def _shown(question: QuestionFacts, chart: Chart) -> Iterable[Html]:
    found: Distribution | None = question.distribution
    described = f"{question.label}: {wording.told(question)}"
    match found:
        case Choices():
            yield from _choices(found, question.answered)
        case Numbers():
            yield _numbers(found)
            yield chart(found, described)
            bins = [(f"{b.start:g} to {b.end:g}", b.count) for b in found.bins if b.count]
            yield _details("From, below", bins)
        case Days():
            yield _scale(("first", wording.day(found.first)), ("last", wording.day(found.last)))
            yield chart(found, described)
            yield _spans(found)
        case Hours(counts):
            yield chart(found, described)
            hours = [(f"{hour:02}:00", count) for hour, count in enumerate(counts) if count]
            yield _details("Hour", hours)
        case Texts():
            what = tag("span", " different answers", class_="note")
            yield tag("p", wording.distinct(found), what, class_="big")
        case Places():
            yield chart(found, described)
            size = wording.square(found)
            text = f"Each dot is a square of about {size}, larger where there are more answers."
            yield tag("p", text, class_="note")
        case None:
            yield tag("p", "No answers.", class_="note")


def _choices(found: Choices, answered: int) -> Iterable[Html]:
    bars = list(found.bars)
    if found.others:
        bars.append(Bar("", "(other answers)", found.others))
    shown, rest = bars, []
    if len(bars) > AT_A_GLANCE:
        bars.sort(key=lambda bar: -bar.count)
        shown, rest = bars[:AT_A_GLANCE], bars[AT_A_GLANCE:]
    yield _bars("Choice", shown, answered, found.told)
    if rest:
        yield tag(
            "details",
            tag("summary", f"{len(rest):,} more choices"),
            _bars("Choice", rest, answered, found.told),
        )


def _bars(name: str, bars: Sequence[Bar], whole: int, told: str) -> Html:
    rows = [
        tag(
            "tr",
            tag(
                "th",
                tag("span", bar.label, dir="auto"),
                scope="row",
                style=_share(bar.count, whole),
            ),
            tag("td", f"{bar.count:,}"),
            tag("td", wording.share(bar.count, whole)),
        )
        for bar in bars
    ]
    caption = [tag("caption", told)] if told != "chosen" else []
    return tag(
        "table", *caption, tag("tbody", *rows), class_="bars", aria_label=f"{name}, count, share"
    )


def _numbers(found: Numbers) -> Html:
    about = "" if found.exact else "about "
    return _scale(
        ("least", wording.number(found.least)),
        ("median", f"{about}{wording.number(found.median)}"),
        ("mean", wording.number(found.mean)),
        ("most", wording.number(found.most)),
    )


def _scale(*pairs: tuple[str, str]) -> Html:
    cells = [part for name, value in pairs for part in (tag("dt", name), tag("dd", value))]
    return tag("dl", *cells, class_="scale two" if len(pairs) == 2 else "scale")


def _details(name: str, rows: Sequence[tuple[str, int]]) -> Html:
    """Return the figures of a chart for those who cannot see it, or want them exactly."""
    lines = [
        tag("tr", tag("th", label, scope="row"), tag("td", f"{count:,}")) for label, count in rows
    ]
    head = tag("thead", tag("tr", tag("th", name, scope="col"), tag("th", "Count", scope="col")))
    table = tag("table", head, tag("tbody", *lines))
    return tag(
        "details", tag("summary", "Figures"), tag("div", table, tabindex=0), class_="numbers"
    )


def _spans(days: Days) -> Html:
    return _details(days.unit.title(), [(wording.span(days, one), one.count) for one in days.spans])


def over_time(days: Days, chart: Chart) -> Html:
    """Show how many submissions reached the server each day."""
    described = (
        f"Submissions per {days.unit}, {wording.period(days)}; most: {wording.busiest(days)}"
    )
    return tag(
        "article",
        tag("div", tag("p", "UTC", class_="over"), tag("h3", f"Submissions per {days.unit}")),
        chart(days, described),
        _spans(days),
        class_="card wide",
    )


def counts(name: str, bars: Sequence[Bar], whole: int) -> Html:
    """Show how often names occur."""
    return tag("article", tag("h3", name), *_choices(Choices(tuple(bars)), whole), class_="card")


def completeness(facts: Facts) -> Html:
    """Show for every question how many answers are missing."""
    heads = [("Question", None), ("missing", None), ("answered", "answered"), ("", None)]
    head = tag(
        "thead", tag("tr", *(tag("th", text, scope="col", class_=kind) for text, kind in heads))
    )
    tables = [
        tag(
            "table",
            tag("caption", table.label) if len(facts.tables) > 1 else Html(),
            head,
            tag("tbody", *map(_gap, table.questions)),
            class_="bars gaps",
        )
        for table in facts.tables
    ]
    cards = [tag("div", table, class_="card wide") for table in tables]
    return tag("div", *cards, class_="cards")


def _gap(question: QuestionFacts) -> Html:
    whole = question.answered + question.missing
    label = tag("span", question.label, dir="auto")
    return tag(
        "tr",
        tag("th", label, scope="row", style=_share(question.missing, whole)),
        tag("td", f"{question.missing:,}"),
        tag("td", f"{question.answered:,}", class_="answered"),
        tag("td", wording.share(question.missing, whole)),
    )
