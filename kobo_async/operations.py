"""All operations of the API that this package knows, as one table.

The table is not written by hand: each public `Op` constant of a module of `kobo_async.resources`
is one operation. `submissions.LIST` is called as `client.submissions.list(...)`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import attrs

from kobo_async import resources
from kobo_async.call import Op


@attrs.frozen
class Operation:
    """One operation and its name in Python, such as `submissions.list`."""

    name: str
    op: Op[Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the operation as JSON values."""
        return {
            "name": self.name,
            "method": self.op.method,
            "path": self.op.path,
            "repeatable": self.op.repeatable,
            "paging": self.op.paging.value,
        }


def operations() -> tuple[Operation, ...]:
    """Return all operations, resource by resource."""
    return tuple(found for module in resource_modules() for found in _operations_of(module))


def resource_modules() -> Iterator[ModuleType]:
    """Import the modules of `kobo_async.resources` by name; `_x` is a part of another one."""
    for info in sorted(pkgutil.iter_modules(resources.__path__), key=lambda info: info.name):
        if not info.name.startswith("_"):
            yield import_module(f"{resources.__name__}.{info.name}")


def _operations_of(module: ModuleType) -> Iterator[Operation]:
    resource = module.__name__.rpartition(".")[2]
    for name, value in vars(module).items():
        if isinstance(value, Op) and name.isupper() and not name.startswith("_"):
            yield Operation(f"{resource}.{name.lower()}", value)
