"""Public names: exported, documented, and no others."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

import kobo_async
import kobo_async.testing

EXTRAS = ("kobo_async.cli", "kobo_async.__main__")
"""Modules that need an extra to be imported."""
MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(kobo_async.__path__, "kobo_async.")
    if not found.name.startswith(EXTRAS)
]
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@pytest.mark.parametrize("module", [kobo_async, kobo_async.testing], ids=lambda m: m.__name__)
def test_exports_are_the_public_names(module: ModuleType):
    lying_about = {
        name
        for name, value in vars(module).items()
        if not isinstance(value, ModuleType) and name[0] != "_"
    }
    assert lying_about <= set(module.__all__) <= set(dir(module))
    assert all(getattr(module, name) is not None for name in module.__all__)
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        module.nothing_of_the_kind  # noqa: B018 - asks for it
    assert list(module.__all__) == sorted(module.__all__, key=_isort), "keep it sorted"


def _isort(name: str) -> tuple[int, str]:
    """Constants first, then classes, then the rest, as the linter sorts them."""
    return (0 if name.isupper() and name[1:] else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_every_module_says_in_one_sentence_what_it_is_for(module: ModuleType):
    assert _is_sentence(module.__doc__)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_every_public_name_has_a_docstring_that_begins_with_one_sentence(module: ModuleType):
    tree = ast.parse(inspect.getsource(module))
    wrong = [name for name, text in _public(tree.body, module.__name__) if not _is_sentence(text)]
    assert not wrong


def _public(body: list[ast.stmt], where: str) -> Iterator[tuple[str, str | None]]:
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_") and not _is_helper(node):
            yield f"{where}.{node.name}", ast.get_docstring(node)
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{where}.{node.name}")


def _is_helper(node: Definition) -> bool:
    """Leave out what a decorator makes of another name: setters, overloads, attrs' validators."""
    marks = (ast.unparse(mark) for mark in node.decorator_list)
    return any(re.fullmatch(r"\w+\.(setter|validator|default)|overload", mark) for mark in marks)


def _is_sentence(text: str | None) -> bool:
    first = (text or "").split("\n\n", maxsplit=1)[0].strip()
    return bool(re.fullmatch(r"[A-Z`0-9].*[.:?]", first, re.DOTALL))
