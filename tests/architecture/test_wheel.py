"""What users install."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
CORE = {"anyio", "attrs", "cattrs", "httpx", "orjson", "tenacity"}

pytestmark = pytest.mark.skipif(
    not (ROOT / "kobo_async").is_dir(),
    reason="the source is not here: an installed wheel is tested",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Build the wheel and return its files."""
    folder = tmp_path_factory.mktemp("dist")
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    subprocess.run(  # noqa: S603 - our own build
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env=environment,
    )
    (path,) = folder.glob("kobo_async-*-py3-none-any.whl")
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(wheel: Mapping[str, bytes]) -> Message:
    return message_from_bytes(_one(wheel, "METADATA"))


def _one(wheel: Mapping[str, bytes], name: str) -> bytes:
    (content,) = (data for path, data in wheel.items() if path.endswith(f".dist-info/{name}"))
    return content


def test_it_holds_the_package_whole_and_nothing_else(wheel: Mapping[str, bytes]):
    source = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "kobo_async").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in wheel if ".dist-info/" not in name} == source


def test_it_is_typed(wheel: Mapping[str, bytes]):
    assert "kobo_async/py.typed" in wheel


def test_it_carries_the_licence(wheel: Mapping[str, bytes], metadata: Message):
    assert metadata["License-Expression"] == "MIT"
    assert b"The kobo_async developers" in _one(wheel, "licenses/LICENSE")


def test_its_readme_is_the_description(metadata: Message):
    text = metadata.get_payload(decode=True)
    assert text == (ROOT / "README.md").read_bytes()


def test_it_offers_the_command(wheel: Mapping[str, bytes]):
    assert b"kobo-async = kobo_async.cli:main" in _one(wheel, "entry_points.txt")


def test_it_needs_six_distributions_and_no_more(metadata: Message):
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert {re.split(r"[^\w-]", line, maxsplit=1)[0] for line in needed} == CORE


def test_the_extra_all_holds_every_other_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    held, found = {"all"}, {"all"}
    while found:
        ours = [one for name in found for one in extras[name] if one.startswith("kobo-async[")]
        found = {
            name for one in ours for name in re.findall(r"[\w-]+", one.partition("[")[2])
        } - held
        held |= found
    assert held == set(extras)
