"""What users import from the package, and what the package promises of its arguments."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import attrs
import pytest

import kobo_async
from kobo_async import KoboClient, Settings
from kobo_async.client import ClientArguments, ClientSettings

LATER = [name for names in kobo_async._LATER.values() for name in names]


@pytest.mark.parametrize("name", LATER)
def test_a_name_is_loaded_when_it_is_asked_for(name: str):
    found = getattr(kobo_async, name)
    assert name in dir(kobo_async)
    assert not inspect.isclass(found) or found.__name__ == name


def test_an_unknown_name_is_an_error_as_ever():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = kobo_async.Nothing


def test_what_can_be_imported_is_exported_except_modules():
    names = {name for name in LATER if not inspect.ismodule(getattr(kobo_async, name))}
    assert set(kobo_async.__all__) == names | {"__version__"}


def test_type_checkers_see_the_same_names_as_programs():
    tree = ast.parse(Path(kobo_async.__file__).read_text(encoding="utf-8"))
    (checked,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        (str(node.module).removeprefix("kobo_async").lstrip(".") or alias.name, alias.asname)
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {(part, name) for part, names in kobo_async._LATER.items() for name in names}


def test_importing_the_package_loads_no_verbs():
    code = (
        "import sys; from kobo_async import KoboClient; "
        "print(*(m for m in sys.modules if 'kobo_async.verbs' in m))"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout == "\n"


def test_the_settings_that_a_client_takes_are_the_fields_of_settings():
    fields = {field.name: field.type for field in attrs.fields(attrs.resolve_types(Settings))}
    assert get_type_hints(ClientSettings) == {
        name: kind for name, kind in fields.items() if name not in {"server", "credentials"}
    }


def test_everything_that_a_client_takes_can_be_given_to_from_env():
    taken = inspect.signature(KoboClient).parameters.values()
    named = {one.name for one in taken if one.kind is not one.VAR_KEYWORD}
    assert set(get_type_hints(ClientArguments)) == named | set(get_type_hints(ClientSettings))
