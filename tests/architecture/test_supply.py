"""What the package is made from: few distributions, with reasons, and locked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[2]
LOCK: Final = ROOT / "dev" / "requirements.lock"
PINNED: Final = re.compile(
    r"^([\w.-]+)==(\S+).*?\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", re.MULTILINE
)

pytestmark = pytest.mark.skipif(
    not (ROOT / "noxfile.py").exists(), reason="no source here: a built wheel is being tested"
)


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def declared() -> list[Requirement]:
    """Return all that is asked for, by the package, its extras and the groups."""
    found = project()
    groups = found["dependency-groups"].values()
    extras = found["project"]["optional-dependencies"].values()
    lines = [
        *found["project"]["dependencies"],
        *(one for some in (*groups, *extras) for one in some),
    ]
    wanted = map(Requirement, filter(lambda line: isinstance(line, str), lines))
    return [one for one in wanted if one.name != "kobo-async"]


def locked() -> dict[str, str]:
    """Return the versions of the lock."""
    return {name: version for name, version, _ in PINNED.findall(LOCK.read_text(encoding="utf-8"))}


def needed(name: str, version: str, extras: set[str]) -> Iterator[Requirement]:
    """Yield what a distribution needs here, if it is installed in this version."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return
    for one in map(Requirement, found.requires or () if found.version == version else ()):
        if not one.marker or any(one.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield one


def test_everything_locked_has_hashes_and_no_address():
    text = LOCK.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("#", "    --hash=sha256:"))]
    assert len(PINNED.findall(text)) == len(lines) > 100
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_everything_declared_is_locked():
    versions = locked()
    for one in declared():
        name = canonicalize_name(one.name)
        assert name in versions, f"{one} is not locked"
        assert versions[name] in one.specifier


def test_everything_that_the_locked_needs_is_locked():
    versions, waiting = locked(), declared()
    known: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        assert name in versions, f"{one} is not locked"
        if (name, frozenset(one.extras)) not in known:
            known.add((name, frozenset(one.extras)))
            waiting += needed(name, versions[name], one.extras)
    assert len(known) > len(declared()) / 2


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
