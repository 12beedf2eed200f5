"""Write docs/reference/operations.md from the table of operations."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from kobo_async.operations import Operation, operations

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "operations.md"
HEAD = """# Operations

Every operation of the API, by its name in Python: `submissions.list` is
`client.submissions.list(...)`. *Repeatable* requests are sent again when their fate is unknown,
after a timeout say; others only when nothing was done: no connection, or 429. Written by
`dev/operations.py`.
"""


def markdown() -> str:
    """Return the page."""
    parts = [HEAD]
    for resource, found in groupby(operations(), key=_resource):
        parts.append(f"\n## {resource}\n")
        parts.append("| method | path | name | repeatable | paging |\n|---|---|---|---|---|")
        parts.extend(_row(operation) for operation in found)
    return "\n".join(parts) + "\n"


def _resource(operation: Operation) -> str:
    return operation.name.partition(".")[0]


def _row(operation: Operation) -> str:
    told = operation.as_dict()
    repeatable = "yes" if told["repeatable"] else "no"
    name, path = f"`{told['name']}`", f"`{told['path']}`"
    return f"| {told['method']} | {path} | {name} | {repeatable} | {told['paging']} |"


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
