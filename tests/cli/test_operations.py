"""The table of operations, made from the resources."""

from __future__ import annotations

import inspect
import json

import pytest

from kobo_async.operations import Operation, operations, resource_modules

from .running import run


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_the_resource_has_a_method_of_that_name(operation: Operation):
    resource, _, name = operation.name.partition(".")
    (module,) = (one for one in resource_modules() if one.__name__.endswith(f".{resource}"))
    kinds = [kind for _, kind in inspect.getmembers(module, inspect.isclass)]
    own = [kind for kind in kinds if kind.__module__ == module.__name__]
    assert any(callable(getattr(kind, name, None)) for kind in own)


def test_names_are_unique():
    names = [operation.name for operation in operations()]
    assert len(set(names)) == len(names)


def test_the_table_has_one_line_per_operation_and_a_header():
    lines = run("operations").stdout.splitlines()
    assert len(lines) == len(operations()) + 1
    assert "submissions.list\tGET\t/api/v2/assets/{uid_asset}/data/\tyes\tkeyset" in lines
    assert "token.delete\tDELETE\t/token/\tno\tnone" in lines


def test_json_is_one_object_per_line():
    lines = run("operations", "--json").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [one.as_dict() for one in operations()]
