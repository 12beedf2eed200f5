"""What a type checker makes of users' code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from kobo_async.api import Api, Lazy

pytest.importorskip("mypy", reason="mypy is in the dependency group `lint`")

HERE = Path(__file__).parent
EXAMPLES = sorted(path for path in HERE.glob("*.py") if not path.name.startswith("test_"))


def test_mypy_finds_in_users_code_what_it_should_and_nothing_else():
    """One run over all examples: most of mypy's time goes into the libraries they share."""
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    done = subprocess.run(  # noqa: S603 - our own files
        [sys.executable, "-m", "mypy", "--strict", "--warn-unused-ignores", *map(str, EXAMPLES)],
        check=False,
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def methods() -> Iterator[str]:
    """Yield what resources and verbs can do, as users write it."""
    for name, attribute in vars(Api).items():
        if isinstance(attribute, Lazy):
            path = attribute._module or f"resources.{name}"
            kind = getattr(import_module(f"kobo_async.{path}"), attribute._kind)
            if path.startswith(("resources.", "verbs.")):
                yield from (f"{name}.{one}" for one in dir(kind) if one[0] != "_")


def test_every_method_of_every_resource_has_an_example():
    text = "".join(path.read_text(encoding="utf-8") for path in EXAMPLES)
    shown = set(re.findall(r"\b(?:client|dry)\.(\w+\.\w+)\(", text))
    assert set(methods()) - shown == set()
