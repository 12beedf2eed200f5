"""What users install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest

import kobo_async

ROOT = Path(__file__).parents[2]
CORE = {"anyio", "attrs", "cattrs", "httpx", "orjson", "tenacity"}

pytestmark = pytest.mark.skipif(
    not (ROOT / "kobo_async").is_dir(),
    reason="the source is not here: an installed wheel is tested",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def wheel(built: Path) -> Mapping[str, bytes]:
    """Return the files of the wheel."""
    with ZipFile(built) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def build(source: Path, folder: Path, **environment: str) -> Path:
    """Build the wheel and return its path."""
    others = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    subprocess.run(  # noqa: S603 - our own build
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        check=True,
        capture_output=True,
        cwd=source,
        env=others | environment,
    )
    (path,) = folder.glob("kobo_async-*-py3-none-any.whl")
    return path


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


def test_it_holds_nothing_but_code_types_and_what_the_report_page_is_made_of(
    wheel: Mapping[str, bytes],
):
    kinds = {Path(name).suffix for name in wheel if ".dist-info/" not in name}
    assert kinds == {".py", ".pyi", ".typed", ".css", ".js"}
    assert {name.split("/")[0] for name in wheel} == {
        "kobo_async",
        f"kobo_async-{kobo_async.__version__}.dist-info",
    }
    noted = {line.split(",")[0] for line in _one(wheel, "RECORD").decode().splitlines()}
    assert noted == set(wheel)


@pytest.mark.parametrize("epoch", [{}, {"SOURCE_DATE_EPOCH": "1700000000"}])
def test_it_is_built_the_same_to_the_byte_elsewhere_and_later(
    tmp_path: Path, epoch: dict[str, str]
):
    elsewhere = tmp_path / "elsewhere"
    names = ("pyproject.toml", "README.md", "LICENSE")
    shutil.copytree(
        ROOT / "kobo_async", elsewhere / "kobo_async", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in names:
        shutil.copy(ROOT / name, elsewhere)
    for path in elsewhere.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700 if path.is_dir() else 0o600)
    first, second = tmp_path / "first", tmp_path / "second"
    wheels = [build(ROOT, first, **epoch), build(elsewhere, second, **epoch)]
    assert wheels[0].read_bytes() == wheels[1].read_bytes()


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
