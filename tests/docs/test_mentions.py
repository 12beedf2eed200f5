"""What pages mention in passing, options and methods, exists."""

from __future__ import annotations

import re
import runpy
from importlib.metadata import metadata
from pathlib import Path

import pytest

import kobo_async
from kobo_async import KoboClient

from .pages import PAGES, ROOT

OPTION = re.compile(r"`(?:kobo-async [^`]*)?(--[a-z][a-z-]+)")
EXTRAS = re.compile(r"(?:kobo-async|\.)\[([\w,]+)\]")
METHOD = re.compile(r"`client\.(\w+)(?:\.(\w+))?")


@pytest.fixture(scope="module")
def mentioned() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def test_every_option_that_is_mentioned_exists(mentioned: str):
    script = runpy.run_path(str(ROOT / "dev" / "commands.py"))
    params = [one for _, command in script["commands"](script["app"], "") for one in command.params]
    known = {name for one in params for name in (*one.opts, *one.secondary_opts)}
    assert set(OPTION.findall(mentioned)) - known <= {"--help", "--version"}


def test_every_method_that_is_mentioned_exists(mentioned: str):
    client = KoboClient("http://localhost", token="any")
    found = set(METHOD.findall(mentioned))
    assert found
    for resource, method in found:
        assert not method or callable(getattr(getattr(client, resource), method, None)), method
        assert hasattr(client, resource), resource


def test_every_extra_that_is_mentioned_exists(mentioned: str):
    found = {extra for extras in EXTRAS.findall(mentioned) for extra in extras.split(",")}
    assert found
    assert found <= {*metadata("kobo-async").get_all("Provides-Extra", [])}


def test_contributors_are_told_what_every_folder_of_the_package_is_for():
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    folders = [one.parent for one in Path(kobo_async.__file__).parent.glob("*/__init__.py")]
    assert folders
    assert [one.name for one in folders if f"{one.name}/`" not in told] == []
