"""Every promise of the threat model names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
PAGE: Final = TESTS.parent / "docs" / "explanation" / "security.md"
NAMED: Final = re.compile(r"`(\w+(?:/\w+)*\.py)::(test_\w+)`")


def named() -> list[tuple[str, str]]:
    return NAMED.findall(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "name"), named())
def test_a_test_that_is_named_exists(file: str, name: str):
    text = (TESTS / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE)


def test_every_promise_names_a_test():
    rows = re.findall(r"^\| [^|-].*\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    promises = [row for row in rows if not row.startswith(("| Promise", "| Attacker", "| What"))]
    held = [row for row in promises if row.startswith("| **")]
    assert len(held) >= 15
    assert [row for row in held if not NAMED.search(row)] == []
