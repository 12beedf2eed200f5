"""Calls of v1 in a tree of files: code of any language, settings, notebooks, documents.

What is not written by hand is passed over: hidden and installed folders, large files, binary ones.
Symbolic links are not followed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from kobo_async.migrate.finding import Hit, hits

PASSED_OVER: Final = frozenset(
    {
        *("node_modules", "bower_components", "vendor", "site-packages", "__pycache__", "renv"),
        *("packrat", "dist", "build", "_build", "target", "venv", "env", "htmlcov"),
    }
)
"""Folders, besides those that begin with a dot."""
LARGEST: Final = 1_000_000
LARGEST_NOTEBOOK: Final = 50_000_000
"""Bytes; notebooks hold their results, of which nothing is read."""
NOTEBOOK: Final = ".ipynb"
_START: Final = 1024


@attrs.frozen
class Finding:
    """A call of v1, or a field that is called otherwise.

    Attributes:
        path: the file.
        line: counted from 1; in a notebook, within the cell.
        cell: of a notebook, counted from 1.
        what: the text that was found.
        kind: `url` or `field`.
        instead: the URL or field of v2; None where v2 has nothing like it.
        notes: what else changes.
    """

    path: Path
    line: int
    what: str
    kind: str
    instead: str | None
    notes: tuple[str, ...] = ()
    cell: int | None = None

    @property
    def where(self) -> str:
        """File and line, as editors understand them; in notebooks with the cell between."""
        cell = "" if self.cell is None else f"cell {self.cell}:"
        return f"{self.path}:{cell}{self.line}"

    def as_dict(self) -> dict[str, Any]:
        """Return what can be written as JSON."""
        return attrs.asdict(self) | {"path": str(self.path)}


def scan(*paths: str | os.PathLike[str]) -> Iterator[Finding]:
    """Yield what files, and all files below folders, have of v1.

    Files that cannot be read are passed over.
    """
    for path in paths:
        for file in _files(Path(path)):
            yield from _read(file)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not _is_passed_over(name))
        for name in sorted(names):
            file = Path(folder, name)
            if not file.is_symlink():
                yield file


def _is_passed_over(name: str) -> bool:
    hidden = name.startswith(".") and name not in {".github", ".gitlab", ".circleci"}
    return hidden or name in PASSED_OVER or name.endswith(".egg-info")


def _read(file: Path) -> Iterator[Finding]:
    notebook = file.suffix == NOTEBOOK
    try:
        if file.stat().st_size > (LARGEST_NOTEBOOK if notebook else LARGEST):
            return
        data = file.read_bytes()
    except OSError:
        return
    if b"\0" in data[:_START]:
        return
    text = data.decode("utf-8", "replace")
    for cell, part in _cells(text) if notebook else [(None, text)]:
        yield from _findings(file, cell, hits(part, around=text))


def _findings(file: Path, cell: int | None, found: Iterable[Hit]) -> Iterator[Finding]:
    for hit in found:
        yield Finding(file, hit.line, hit.what, hit.kind, hit.instead, hit.notes, cell)


def _cells(text: str) -> Iterator[tuple[int | None, str]]:
    """Yield the sources of a notebook's cells; of one that is none, the whole text."""
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(cell["source"]) for cell in cells]
    except (ValueError, TypeError, KeyError):
        yield None, text
        return
    yield from enumerate(sources, 1)
