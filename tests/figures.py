"""How much was broken, cancelled and refused, told at the end of a run."""

from __future__ import annotations

from collections import Counter

import pytest

FIGURES: Counter[str] = Counter()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the figures once, if there are any; for a `conftest.py` to import."""
    if FIGURES:
        terminalreporter.section("figures")
        for name, figure in sorted(FIGURES.items()):
            terminalreporter.line(f"{name}: {figure:,}")
        FIGURES.clear()
