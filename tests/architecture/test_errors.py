"""The error tree: drawn as it is, and able to travel between processes."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
import re

import pytest

import kobo_async
from kobo_async import errors
from kobo_async.dryrun import PlanEnds
from kobo_async.errors import ApiError, KoboError
from kobo_async.forms.values import Misfit

DRAWN = re.compile(r"^    ([│ ├└─]*)([A-Z]\w+)", re.MULTILINE)
SIGNALS = {Misfit, PlanEnds}
"""What is caught where it is raised, and never reaches a caller."""
WIDTH = 4
"""Columns per level of the drawing."""


def drawn() -> dict[str, str]:
    """Read the docstring's tree as child and parent."""
    path: list[str] = []
    tree = {}
    for branch, name in DRAWN.findall(errors.__doc__ or ""):
        depth = len(branch) // WIDTH
        path[depth:] = [name]
        if depth:
            tree[name] = path[depth - 1]
    return tree


def public_parent(kind: type[KoboError]) -> str:
    return next(
        base.__name__
        for base in kind.__mro__[1:]
        if issubclass(base, KoboError) and not base.__name__.startswith("_")
    )


ERRORS = [
    kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, KoboError) and not name.startswith("_")
]


def test_the_tree_in_the_docstring_is_the_tree_of_classes():
    classes = {kind.__name__: public_parent(kind) for kind in ERRORS if kind is not KoboError}
    assert drawn() == classes


def test_every_error_of_the_package_is_in_the_tree():
    stray = [
        f"{module}.{name}"
        for module, name, kind in _classes()
        if issubclass(kind, BaseException) and not issubclass(kind, (KoboError, *SIGNALS))
    ]
    strangers = [
        f"{module}.{name}"
        for module, name, kind in _classes()
        if issubclass(kind, KoboError) and module != "kobo_async.errors"
    ]
    assert not stray + strangers


def _classes() -> list[tuple[str, str, type]]:
    names = [found.name for found in pkgutil.walk_packages(kobo_async.__path__, "kobo_async.")]
    library = [name for name in names if not name.startswith(("kobo_async.cli", "kobo_async.tes"))]
    return [
        (module, name, kind)
        for module in library
        for name, kind in inspect.getmembers(importlib.import_module(module), inspect.isclass)
        if kind.__module__ == module
    ]


def test_every_error_is_exported():
    assert {kind.__name__ for kind in ERRORS} <= set(kobo_async.__all__)


def example(kind: type[KoboError]) -> KoboError:
    if issubclass(kind, ApiError):
        body = {"detail": "No.", "name": ["Too long."]}
        return kind(418, "No.", "GET /me/", body, 2.5, {"name": "Too long."})
    values = {"message": "No.", "request": "GET /me/", "retry_after": 2.5, "report": {"rows": 3}}
    names = [name for name in inspect.signature(kind.__init__).parameters if name in values]
    return kind(*(values[name] for name in names or ["message"]))


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_survives_pickling(kind: type[KoboError]):
    error = example(kind)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(again) is kind
    assert (str(again), again.args, vars(again)) == (str(error), error.args, vars(error))


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_takes_positional_arguments_only(kind: type[KoboError]):
    parameters = inspect.signature(kind.__init__).parameters.values()
    kinds = {parameter.kind for parameter in parameters}
    assert inspect.Parameter.KEYWORD_ONLY not in kinds


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_says_what_happened(kind: type[KoboError]):
    assert "No." in str(example(kind))
