"""What surrounds the code says one thing, everywhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRST_SCREEN = 20

pytestmark = pytest.mark.skipif(
    not (ROOT / "noxfile.py").exists(), reason="no source here: a built wheel is being tested"
)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def lines_of_the_first_screen() -> dict[str, str]:
    """Find the commands of the README's first screen, by what they are for."""
    screen = "\n".join(text("README.md").splitlines()[:FIRST_SCREEN])
    return {
        purpose: line
        for line, purpose in re.findall(r"^((?:sh|kobo).*?(\w+))\s+# ", screen, re.MULTILINE)
    }


def test_the_first_screen_of_the_readme_runs_the_main_job_and_the_tests():
    assert lines_of_the_first_screen() == {
        "demo": "sh dev/run demo",
        "tests": "sh dev/run tests",
    }


def test_continuous_integration_runs_the_test_line_of_the_readme():
    last = text(".ci/run").splitlines()[-1]
    assert last == f"exec {lines_of_the_first_screen()['tests']}"


def test_nox_knows_the_pythons_that_are_promised():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    promised = re.findall(r":: (3\.\d+)", "\n".join(project["classifiers"]))
    (known,) = re.findall(r"^PYTHONS = \[(.*)\]$", text("noxfile.py"), re.MULTILINE)
    assert re.findall(r"[\d.]+", known) == promised
    assert project["requires-python"] == f">={promised[0]}"


def test_the_changes_begin_with_what_is_not_released_yet():
    headings = re.findall(r"^## (.*)$", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
