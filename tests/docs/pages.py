"""The pages of the documentation, and the blocks of code in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts),
]
SETUP = re.compile(r"<!-- setup\n(.*)^-->", re.MULTILINE | re.DOTALL)
"""What readers do not see, and examples need."""


@attrs.frozen
class Block:
    """A block of code, a hidden set-up among them.

    Attributes:
        kind: the language that stands behind the fence; `setup`, or `indented` without a fence.
        file: what else stands there: the file that it is.
    """

    kind: str
    file: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    yield from parsed(page.read_text(encoding="utf-8"))


def parsed(text: str) -> Iterator[Block]:
    for token in MarkdownIt().parse(text):
        line, _ = token.map or (0, 0)
        if token.type in {"fence", "code_block"}:
            kind, _, file = (token.info or "indented").partition(" ")
            yield Block(kind, file, token.content, line)
        elif token.type == "html_block" and (setup := SETUP.match(token.content)):
            yield Block("setup", "", setup[1], line)


def label(page: Path) -> str:
    return str(page.relative_to(ROOT))
