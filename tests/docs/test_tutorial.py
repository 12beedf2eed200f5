"""The tutorial says the same in every language; its blocks run in `test_examples`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .pages import ROOT, Block, blocks
from .shell import typed

TUTORIAL = ROOT / "docs" / "tutorial"
ENGLISH = TUTORIAL / "first-download.md"
OTHERS = sorted({*TUTORIAL.glob("*.md")} - {ENGLISH})
PICTURES = re.compile(r"!\[[^]]+\]\(([^)]+)\)")


def seen(page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.kind != "setup"]


def lines(page: Path) -> list[str]:
    found = [line for block in seen(page) if block.kind == "sh" for line in typed(block.text)]
    return [re.sub("--labels ..", "", line) for line in found]


@pytest.mark.parametrize("page", OTHERS, ids=lambda page: page.stem)
def test_a_translation_has_the_same_steps(page: Path):
    assert [block.kind for block in seen(page)] == [block.kind for block in seen(ENGLISH)]
    assert lines(page) == lines(ENGLISH)
    pictures = [PICTURES.findall(one.read_text("utf-8")) for one in (page, ENGLISH)]
    assert pictures[0] == pictures[1]
