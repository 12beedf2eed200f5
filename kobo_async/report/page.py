"""Writes a summary as one HTML page that needs nothing else, and can reach nothing else.

A content security policy forbids all requests, and all programs but the two that the page brings.
Whatever comes from a form or an answer stands in text or attributes, escaped.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from kobo_async.report import wording
from kobo_async.report.cards import card, completeness, counts, over_time
from kobo_async.report.charts import figure, library
from kobo_async.report.facts import Facts, Places, QuestionFacts, Scale, TableFacts
from kobo_async.report.markup import Html, inert, joined, tag

DEVICE: Final = frozenset(
    {
        *("start", "end", "today", "username", "deviceid", "phonenumber", "email", "audit"),
        *("simserial", "subscriberid", "calculate", "hidden", "background-audio", "start-geopoint"),
    }
)
"""Types of what nobody is asked for."""


def page(facts: Facts, made: datetime) -> str:
    """Write the page of a summary that was made at a moment.

    Raises:
        ConfigError: if plotly is not installed (`kobo-async[report]`).
    """
    places = Chart()
    body = joined(
        tag("a", "Skip to the summary", href="#summary", class_="skip"),
        _header(facts),
        _navigation(facts),
        tag("main", *_sections(facts, places), id="summary"),
        _footer(facts, made),
    )
    programs = (library(), _file("page.js"))
    head = _head(facts.name, programs)
    data = tag("script", inert(places.figures), type="application/json", id="figures")
    scripts = [tag("script", Html(program)) for program in programs]
    whole = tag("html", head, tag("body", body, data, *scripts), lang="en")
    return f"<!DOCTYPE html>\n{whole}\n"


class Chart:
    """Gives the charts of a page their places, and collects their figures.

    Attributes:
        figures: what is drawn, by the id of its element.
    """

    def __init__(self) -> None:
        self.figures: dict[str, Any] = {}

    def __call__(self, found: Scale, described: str) -> Html:
        """Return the place of a chart."""
        name = f"chart-{len(self.figures) + 1}"
        self.figures[name] = figure(found)
        kind = "chart tall" if isinstance(found, Places) else "chart"
        return tag("div", id=name, class_=kind, role="img", aria_label=described)


def _file(name: str) -> str:
    return files("kobo_async.report").joinpath(name).read_text(encoding="utf-8")


def _head(title: str, programs: tuple[str, ...]) -> Html:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(programs)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title or "Summary"),
        tag("style", Html(_file("page.css"))),
    )


def _policy(programs: tuple[str, ...]) -> str:
    """Allow the page's own programs by their hashes, styles, and nothing else."""
    hashes = [b64encode(sha256(one.encode()).digest()).decode() for one in programs]
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


def _header(facts: Facts) -> Html:
    days = facts.per_day
    lead = f"Submitted {wording.period(days)}" if days else "No submissions yet"
    if facts.language:
        lead += f" · labels in {facts.language}"
    tiles = [
        tag(
            "div",
            tag("dt", name),
            tag("dd", value, class_="long" * (len(value) > 9) or None),
            class_="tile",
        )
        for name, value in _key_figures(facts)
    ]
    return tag(
        "header",
        tag("h1", facts.name or "Summary", dir="auto"),
        tag("p", lead, class_="lead"),
        tag("dl", *tiles, class_="tiles"),
    )


def _key_figures(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "submissions", f"{facts.submissions:,}"
    for table in facts.tables[1:]:
        yield f"rows in {table.label}", f"{table.rows:,}"
    if facts.per_day and facts.per_day.unit == "day":
        yield "days with submissions", f"{len(facts.per_day.spans):,}"
        yield "on the busiest day", f"{max(one.count for one in facts.per_day.spans):,}"
    yield "account" + "s" * (len(facts.submitters) != 1), f"{len(facts.submitters):,}"
    yield "form version" + "s" * (len(facts.versions) != 1), f"{len(facts.versions):,}"
    questions = [one for table in facts.tables for one in table.questions]
    cells = sum(one.answered + one.missing for one in questions)
    yield "of the questions answered", wording.share(sum(q.answered for q in questions), cells)
    if facts.bad:
        yield "answers that did not fit", f"{facts.bad:,}"


def _navigation(facts: Facts) -> Html:
    links = [("#time", "Over time")]
    links += [(f"#table-{place}", _title(facts, table)) for place, table in enumerate(facts.tables)]
    links.append(("#answers", "Missing answers"))
    items = [tag("li", tag("a", text, href=target, dir="auto")) for target, text in links]
    return tag("nav", tag("ul", *items), aria_label="Parts of the page")


def _title(facts: Facts, table: TableFacts) -> str:
    return "Questions" if table is facts.tables[0] else table.label


def _sections(facts: Facts, chart: Chart) -> Iterator[Html]:
    yield _section("time", joined("Over time"), _time(facts, chart))
    for place, table in enumerate(facts.tables):
        title = tag("span", _title(facts, table), dir="auto")
        heading = joined(title, tag("small", _rows(facts, table)))
        yield _section(f"table-{place}", heading, _questions(table, chart))
    yield _section("answers", joined("Missing answers"), completeness(facts))


def _section(name: str, heading: Html, *content: Html) -> Html:
    return tag("section", tag("h2", heading, id=name), *content, aria_labelledby=name)


def _rows(facts: Facts, table: TableFacts) -> str:
    if table is facts.tables[0]:
        return f"{table.rows:,} submissions"
    mean = (
        f", {table.rows / facts.submissions:.1f} for each submission" if facts.submissions else ""
    )
    return f"{table.rows:,} rows{mean}"


def _time(facts: Facts, chart: Chart) -> Html:
    lists: Mapping[str, Any] = {
        "Accounts": facts.submitters,
        "Form versions": facts.versions,
        "Validation status": facts.statuses,
    }
    cards = [over_time(facts.per_day, chart)] if facts.per_day else []
    cards += [counts(name, bars, facts.submissions) for name, bars in lists.items() if bars]
    return tag("div", *cards, class_="cards")


def _questions(table: TableFacts, chart: Chart) -> Html:
    asked = [one for one in table.questions if one.type not in DEVICE]
    # maps first: they are wide
    asked.sort(key=lambda one: not isinstance(one.distribution, Places))
    recorded = [one for one in table.questions if one.type in DEVICE]
    shown = _cards(asked, chart)
    if not recorded:
        return shown
    more = f"Recorded or calculated, not asked ({len(recorded)})"
    return joined(
        shown, tag("details", tag("summary", more), _cards(recorded, chart), class_="more")
    )


def _cards(questions: list[QuestionFacts], chart: Chart) -> Html:
    return tag("div", *(card(one, chart) for one in questions), class_="cards")


def _footer(facts: Facts, made: datetime) -> Html:
    return tag(
        "footer",
        tag(
            "p",
            f"Made {wording.day(made)} {made:%H:%M %Z} by kobo_async from "
            f"{facts.submissions:,} submissions. Texts that people wrote are counted, not shown; "
            "places stand in squares. This page loads nothing from elsewhere.",
        ),
    )
