"""What a type checker makes of users' code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
