"""Stand-ins for Airflow and Prefect, which are too large to be installed for one page.

They know what that page uses of them, and run each task where it is called. What goes from task to
task goes as JSON, as between machines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import attrs


@attrs.frozen
class Done:
    """Tasks that have ended."""

    values: Sequence[Any]

    def result(self) -> Sequence[Any]:
        return self.values


@attrs.frozen
class Task:
    """A function that a scheduler runs."""

    function: Callable[..., Any]

    def __call__(self, *given: Any, **named: Any) -> Any:
        named = {name: rendered(one) for name, one in named.items()}
        return json.loads(json.dumps(self.function(*map(rendered, given), **named)))

    def partial(self, **given: Any) -> Task:
        return Task(partial(self, **given))

    def expand(self, **each: Sequence[Any]) -> Sequence[Any]:
        ((name, values),) = each.items()
        return [self(**{name: one}) for one in values]

    def map(self, values: Sequence[Any], **same: Any) -> Done:
        return Done([self(one, **same) for one in values])


def rendered(value: Any) -> Any:
    """Fill in a template, as Airflow does."""
    return value.replace("{{ ds_nodash }}", "20260101") if isinstance(value, str) else value


def module(name: str, **held: Any) -> ModuleType:
    made = ModuleType(name)
    made.__dict__.update(held)
    return made


def task(function: Callable[..., Any], **_: Any) -> Task:
    return Task(function)


AIRFLOW = {"dag": lambda **_: lambda function: function, "task": task}
PREFECT = {"flow": lambda function: function, "task": task, "unmapped": lambda value: value}
STAND_INS = {
    "airflow": module("airflow"),
    "airflow.sdk": module("airflow.sdk", **AIRFLOW),
    "prefect": module("prefect", **PREFECT),
}
