"""The service of the how-to and its tests, as files of a project of somebody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .pages import blocks

pytest_plugins = ["pytester"]

pytest.importorskip("fastapi", reason="fastapi is in the extra `webhook`")
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "test-your-service.md"


def test_the_tests_of_the_service_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    service, tests, *_ = (block.text for block in blocks(PAGE) if block.kind == "python")
    pytester.makepyfile(service=service, test_service=tests)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in [name for name in os.environ if name.startswith("COV")]:
        monkeypatch.delenv(name)
    plugins = ("-p", "kobo_async.testing.plugin", "-p", "anyio.pytest_plugin")
    result = pytester.runpytest_subprocess(*plugins, "-p", "no:cacheprovider")
    result.assert_outcomes(passed=6)
