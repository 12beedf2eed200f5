"""The table of operations against the server's own, and the page that shows it."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

from kobo_async.operations import operations
from tests.contract.conftest import SHARED, known_operations

ROOT = Path(__file__).parents[2]
OURS_ALONE = {("GET", "/token/"), ("POST", "/token/"), ("DELETE", "/token/")}


def known() -> list[dict[str, str]]:
    if not SHARED.is_dir():
        pytest.skip("the table of the server's operations is not here")
    return known_operations()


def test_every_operation_of_the_server_is_reachable_once():
    theirs = Counter((row["method"], row["path"]) for row in known())
    ours = Counter((one.op.method, one.op.path) for one in operations())
    assert set(theirs) - set(ours) == set()
    assert set(ours) - set(theirs) == OURS_ALONE
    assert [key for key, times in ours.items() if times > 1] == []
    assert sum(ours.values()) - len(OURS_ALONE) == len(theirs) == 211


def test_an_operation_is_repeated_only_where_that_is_safe():
    ours = {(one.op.method, one.op.path): one.op for one in operations()}
    wrong = [
        row["sdk_method"]
        for row in known()
        if ours[row["method"], row["path"]].repeatable
        != row["idempotent_safe_to_retry"].startswith("y")
    ]
    assert wrong == []


def test_the_page_of_operations_is_up_to_date():
    script = ROOT / "dev" / "operations.py"
    spec = importlib.util.spec_from_file_location("operations_page", script)
    assert spec is not None
    assert spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    assert page.PAGE.read_text(encoding="utf-8") == page.markdown()
