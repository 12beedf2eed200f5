"""How much was broken, cancelled and refused, told at the end of a run: hooks for `conftest.py`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

FIGURES: Counter[str] = Counter()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over the figures, where this is one of several processes."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = dict(FIGURES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the figures of another process; one that broke off has none."""
    FIGURES.update(getattr(node, "workeroutput", {}).get("figures", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures, if there are any."""
    if FIGURES:
        terminalreporter.section("figures")
        for name, figure in sorted(FIGURES.items()):
            terminalreporter.line(f"{name}: {figure:,}")
