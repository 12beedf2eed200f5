"""The report page as a browser shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .chromium import Tab
from .conftest import Show
from .projects import HOSTILE

CHARTS = 8


def count(tab: Tab, selector: str) -> int:
    found = tab.run(f"document.querySelectorAll({selector!r}).length")
    assert isinstance(found, int)
    return found


def test_all_charts_are_drawn_without_a_complaint(show: Show, page: Path):
    tab = show(page)
    assert count(tab, ".chart") == count(tab, ".chart:has(svg.main-svg)") == CHARTS
    assert count(tab, ".chart:has(.bars path, .points path)") == CHARTS
    assert tab.complaints == []


def test_nothing_is_asked_for_but_the_page(show: Show, page: Path):
    tab = show(page)
    assert [url for url in tab.requests if not url.startswith("data:")] == [page.as_uri()]


def test_hostile_words_are_words(show: Show, hostile: Path):
    tab = show(hostile)
    assert tab.run("document.title") == " ".join(HOSTILE.split(" "))
    assert tab.run("document.querySelector('h1').textContent") == HOSTILE
    assert count(tab, "script") == 3
    assert count(tab, "img, b, iframe, a[href^=javascript]") == 0
    assert count(tab, ".chart:has(svg.main-svg)") == CHARTS
    assert tab.complaints == []


def test_a_page_that_was_tampered_with_reaches_nothing(show: Show, page: Path, tmp_path: Path):
    evil = (
        "<script>document.title = 'owned'</script>"
        "<img src='http://127.0.0.1:9/secret' onerror=\"document.title = 'owned'\">"
        "<link rel='stylesheet' href='http://127.0.0.1:9/style.css'>"
    )
    path = tmp_path / "tampered.html"
    whole = page.read_text(encoding="utf-8").replace("</h1>", f"</h1>{evil}")
    path.write_text(whole, encoding="utf-8")
    tab = show(path)
    assert tab.run("document.title") == "Water & livelihoods"
    fetched = "performance.getEntriesByType('resource').filter((one) => one.responseStatus).length"
    assert tab.run(fetched) == 0
    forbidden = [one["entry"]["text"] for one in tab.complaints if "entry" in one]
    assert sum("Content Security Policy" in text for text in forbidden) >= 3


@pytest.mark.parametrize("dark", [False, True])
def test_colours_follow_the_scheme(show: Show, page: Path, dark: bool):
    tab = show(page, dark=dark)

    def light_of(selector: str, colour: str) -> float:
        script = f"getComputedStyle(document.querySelector({selector!r})).{colour}"
        numbers = tab.run(script).removeprefix("rgb(").rstrip(")").split(",")
        return sum(map(float, numbers)) / 3

    paper, ink = light_of("body", "backgroundColor"), light_of("body", "color")
    ticks = light_of(".chart .xtick text", "fill")
    assert (paper < 60) is dark
    assert (ink > 200) is dark
    assert abs(ticks - paper) > 80


@pytest.mark.parametrize("width", [320, 820, 1900])
def test_a_page_is_never_wider_than_its_window(show: Show, page: Path, width: int):
    tab = show(page, width=width)
    assert tab.run("document.documentElement.scrollWidth") <= width
    charts = tab.run(
        "[...document.querySelectorAll('.chart')].filter((one) => one.offsetParent)"
        ".every((one) => one.querySelector('svg').clientWidth <= one.parentElement.clientWidth)"
    )
    assert charts


def test_headings_and_charts_have_names(show: Show, page: Path):
    tab = show(page)
    levels = tab.run("[...document.querySelectorAll('h1,h2,h3')].map((one) => one.tagName)")
    assert levels[0] == "H1"
    assert levels.count("H1") == 1
    assert count(tab, ".chart:not([role=img][aria-label])") == 0
    assert count(tab, "section:not([aria-labelledby])") == 0
    assert count(tab, "nav a") == 4
    assert tab.run(
        "[...document.querySelectorAll('nav a')].every((a) => document.querySelector(a.hash))"
    )


def test_a_page_can_be_printed(show: Show, page: Path):
    tab = show(page, dark=True)
    printed = tab.pdf()
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") in range(2, 30)
    assert tab.complaints == []


def test_a_page_is_smaller_than_six_megabytes(page: Path):
    assert page.stat().st_size < 6_000_000
