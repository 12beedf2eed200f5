"""Files and functions stay small. Run this file for a list of the longest functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kobo_async

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
COMFORTABLE = 20
SHARE_OF_COMFORTABLE = 0.9

PACKAGE = Path(kobo_async.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function with the number of its body's lines, without docstring."""
    name = path.relative_to(PACKAGE.parent)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield f"{name}:{node.lineno} {node.name}", body_lines(node)


def body_lines(node: Function) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


ALL = dict(pair for path in FILES for pair in functions(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_has_at_most_300_lines(path: Path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{lines} lines: give half of them a module of their own"


def test_a_function_has_at_most_40_lines():
    long = {name: lines for name, lines in ALL.items() if lines > LONGEST_FUNCTION}
    assert not long


def test_nine_functions_of_ten_have_at_most_20_lines():
    comfortable = sum(lines <= COMFORTABLE for lines in ALL.values())
    assert comfortable >= SHARE_OF_COMFORTABLE * len(ALL)


def report() -> Iterator[str]:
    """List the functions above the comfortable size, the longest first."""
    for name, lines in sorted(ALL.items(), key=lambda pair: -pair[1]):
        if lines > COMFORTABLE:
            yield f"{lines:4} {name}"


if __name__ == "__main__":
    print("\n".join(report()))  # noqa: T201 - a report
