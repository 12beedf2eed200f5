"""The core and the transport, on both event loops and on virtual time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.clock import LoopClock, backends
from tests.unit.files import File
from tests.unit.serving import Server


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, Mapping[str, Any]]:
    return backends()[request.param]


@pytest.fixture
def clock() -> LoopClock:
    return LoopClock()


@pytest.fixture
def server(clock: LoopClock) -> Server:
    return Server(clock)


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path)
