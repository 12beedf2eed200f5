"""What the package is made from: few distributions, with reasons, and locked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
LOCK: Final = ROOT / "dev" / "requirements.lock"
PINNED: Final = re.compile(
    r"^([\w.-]+)==\S+.*?\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", re.MULTILINE
)

pytestmark = pytest.mark.skipif(
    not (ROOT / "noxfile.py").exists(), reason="no source here: a built wheel is being tested"
)


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def names(lines: list[Any]) -> Iterator[str]:
    for line in lines:
        if isinstance(line, str) and not line.startswith("kobo-async"):
            yield re.split(r"[^\w.-]", line, maxsplit=1)[0].lower().replace("_", "-")


def test_everything_locked_has_hashes_and_no_address():
    text = LOCK.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("#", "    --hash=sha256:"))]
    assert len(PINNED.findall(text)) == len(lines) > 100
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_everything_declared_is_locked():
    declared = project()
    groups = declared["dependency-groups"].values()
    extras = declared["project"]["optional-dependencies"].values()
    wanted = {*names(declared["project"]["dependencies"])}
    wanted |= {name for lines in (*groups, *extras) for name in names(lines)}
    locked = {name for name, _ in PINNED.findall(LOCK.read_text(encoding="utf-8"))}
    assert wanted <= locked


def test_every_dependency_has_its_reason_beside_it():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    extras = re.search(
        r"^\[project.optional-dependencies\]\n(.*?)^all = ", text, re.DOTALL | re.MULTILINE
    )
    assert needed
    assert extras
    wanting = [
        line.strip()
        for line in (needed[1] + extras[1]).splitlines()
        if re.search(r'"\w', line) and "#" not in line
    ]
    assert wanting == []
