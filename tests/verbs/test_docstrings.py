"""What every verb says of itself."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

from kobo_async.api import Api, Lazy

CLASSES = [
    getattr(import_module(f"kobo_async.{one._module}"), one._kind)
    for one in vars(Api).values()
    if isinstance(one, Lazy) and str(one._module).startswith("verbs.")
]
VERBS = {
    f"{kind.__name__}.{name}": method
    for kind in CLASSES
    for name, method in inspect.getmembers(kind, inspect.isfunction)
    if name[0] != "_" and method.__module__.startswith("kobo_async.verbs")
}


def test_there_are_verbs():
    assert len(VERBS) > 40


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_verb_says_which_permission_it_takes(verb: Any):
    assert "ermission" in (verb.__doc__ or "")
