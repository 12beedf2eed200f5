"""The reference says what the code says."""

from __future__ import annotations

import inspect
import re
import runpy
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest

from kobo_async import KoboClient, config, errors, events
from kobo_async.config import BreakerPolicy, Concurrency, RetryPolicy, Settings, Timeouts

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
ROW = re.compile(r"^\| `(\w+)` \| (?:`([^`|]*)` \| )?", re.MULTILINE)


def section(page: str, heading: str) -> dict[str, str]:
    """Read the first column, and the second where it is code, of the tables under a heading."""
    text = (REFERENCE / f"{page}.md").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, heading
    return dict(ROW.findall(found[1]))


def test_every_error_stands_under_its_base():
    described = section("errors", "# Errors")
    kinds = {
        name: kind.__mro__[1]
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.KoboError) and not name.startswith("_")
    }
    public = {
        name: next(one for one in base.__mro__ if not one.__name__.startswith("_")).__name__
        for name, base in kinds.items()
    }
    assert described == public


def test_every_attribute_of_an_api_error_is_described():
    attributes = vars(errors.ApiError(418, "No."))
    assert set(section("errors", "## What an `ApiError` holds")) == set(attributes)


@pytest.mark.parametrize("kind", [Concurrency, RetryPolicy, Timeouts, BreakerPolicy])
def test_every_field_of_a_policy_stands_with_its_default(kind: type[Any]):
    defaults = {field.name: repr(field.default) for field in attrs.fields(kind)}
    assert section("settings", f"## `{kind.__name__}`") == defaults


def test_every_argument_of_the_client_stands_with_its_default():
    described = section("settings", "## Arguments of `KoboClient`")
    arguments = {
        one.name: repr(one.default)
        for one in list(inspect.signature(KoboClient.__init__).parameters.values())[1:]
        if one.kind is not one.VAR_KEYWORD
    }
    further = {field.name for field in attrs.fields(Settings)} - {"server", "credentials"}
    assert set(described) == arguments.keys() | further
    assert {name: described[name] for name in arguments} == arguments


def test_every_environment_variable_is_described():
    named = set(re.findall(r"KOBO_\w+", inspect.getsource(config)))
    assert set(section("settings", "## Environment")) == named


def test_every_preset_is_described():
    described = section("settings", "## Presets")
    assert described == {name: server for name, (server, _) in config.PRESETS.items()}


@pytest.mark.parametrize("kind", get_args(events.Event))
def test_every_event_and_its_fields_are_described(kind: type[Any]):
    assert set(section("events", f"## `{kind.__name__}`")) == {
        field.name for field in attrs.fields(kind)
    }


def test_the_page_of_commands_says_what_the_commands_say():
    script = runpy.run_path(str(REFERENCE.parents[1] / "dev" / "commands.py"))
    written = script["PAGE"].read_text(encoding="utf-8")
    assert written == script["markdown"](), "run dev/commands.py"
