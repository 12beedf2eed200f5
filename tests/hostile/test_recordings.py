"""What was recorded of servers, and what stands in this repository, opens no account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from kobo_async.testing import FakeKobo
from tests.hostile.canaries import MARK

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("benchmarks", "dev", "docs", "kobo_async", "tests")
TEXTS: Final = {".cfg", ".csv", ".json", ".md", ".py", ".pyi", ".toml", ".txt", ".xml", ".yaml"}
KEY: Final = re.compile(r"(?i)\b(?:token|bearer|basic)[ :=\"']+([a-z0-9+/]{16,}={0,2})")
TOKEN: Final = re.compile(r"\b[0-9a-f]{40}\b")


def texts(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in folder.rglob("*"):
        if path.suffix in TEXTS and path.is_file() and "_build" not in path.parts:
            yield path, path.read_text(encoding="utf-8", errors="replace")


def is_made_up(token: str) -> bool:
    """Tell whether a token is one of the fake server, or shows by itself that it is none."""
    return MARK in token or len(set(token)) < 3 or not re.search("[0-9]", token)


def test_what_was_recorded_of_a_server_holds_no_credentials(shared: Path):
    found = [
        f"{path.name}: {token}"
        for path, text in texts(shared / "kpi" / "recordings")
        for token in KEY.findall(text)
        if not is_made_up(token)
    ]
    assert found == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_of_the_repository_holds_a_token(folder: str):
    known = {FakeKobo(seed=seed).token for seed in range(100)}
    found = [
        f"{path}: {token}"
        for path, text in texts(ROOT / folder)
        for token in TOKEN.findall(text)
        if token not in known and not is_made_up(token)
    ]
    assert found == []
