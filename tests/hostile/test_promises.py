"""Every promise of the threat model, and every one about reliability, names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
DOCS: Final = TESTS.parent / "docs" / "explanation"
PAGES: Final = {"security.md": 30, "reliability.md": 15}
"""And how many promises they make at least."""
NAMED: Final = re.compile(r"`(\w+(?:/\w+)*\.py)::(test_\w+)`")


def named() -> list[tuple[str, str]]:
    return [one for page in PAGES for one in NAMED.findall((DOCS / page).read_text("utf-8"))]


@pytest.mark.parametrize(("file", "name"), named())
def test_a_test_that_is_named_exists(file: str, name: str):
    text = (TESTS / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_names_a_test(page: str):
    text = (DOCS / page).read_text(encoding="utf-8")
    held = re.findall(r"^\| \*\*.*\|$", text, re.MULTILINE)
    assert len(held) >= PAGES[page]
    assert [row for row in held if not NAMED.search(row)] == []
