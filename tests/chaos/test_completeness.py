"""Every public coroutine is among those that are cancelled: none needs to be remembered."""

from __future__ import annotations

import gc
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from tests.chaos.jobs import AGAIN
from tests.chaos.mongo import FORGOTTEN, IN_MONGODB
from tests.chaos.others import OTHERS
from tests.chaos.worlds import PUBLIC, World
from tests.sinks.mongod import mongod

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "api"
DOCUMENTED = re.compile(r"^\.\. auto(?:class|function|module):: (\S+)$(?!\n +:no-m)", re.MULTILINE)
BESIDES = (
    "kobo_async.webhook.inbox",
    "kobo_async.assistant.reading",
    "kobo_async.assistant.writing",
)
"""What nobody needs to read about, but stays open for long, or is called by language models."""
PROTOCOL = {"__aenter__", "__aexit__", "__anext__", "__call__"}


def documented() -> Iterator[Any]:
    """Find what the reference tells of; a module stands for all that it defines."""
    names = [n for page in REFERENCE.glob("*.md") for n in DOCUMENTED.findall(page.read_text())]
    for name in (*names, *BESIDES):
        found = pkgutil.resolve_name(name)
        if not inspect.ismodule(found):
            yield found
            continue
        inside = [one for key, one in vars(found).items() if not key.startswith("_")]
        yield from (one for one in inside if getattr(one, "__module__", "") == found.__name__)


def functions(of: Any) -> Iterator[Callable[..., Any]]:
    if not inspect.isclass(of):
        yield of
    elif not getattr(of, "_is_protocol", False):
        for name, one in inspect.getmembers(of):
            if not name.startswith("_") or name in PROTOCOL:
                yield one


def coroutines() -> dict[CodeType, str]:
    """Name all public coroutines, generators and context managers that wait, by their code."""
    found = {}
    for thing in documented():
        for one in map(inspect.unwrap, filter(callable, functions(thing))):
            waits = inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one)
            if waits:
                found[inspect.unwrap(one).__code__] = f"{one.__module__}.{one.__qualname__}"
    return found


@contextmanager
def called() -> Iterator[set[CodeType]]:
    """Note what is called in this thread."""
    codes: set[CodeType] = set()
    before = sys.getprofile()
    sys.setprofile(lambda frame, *_: codes.add(frame.f_code))
    try:
        yield codes
    finally:
        sys.setprofile(before)


@pytest.mark.anyio
@pytest.mark.filterwarnings(FORGOTTEN)
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_every_public_coroutine_is_among_those_that_are_cancelled(tmp_path: Path):
    expected = coroutines()
    assert len(expected) > 300
    for method in PUBLIC.values():
        expected.pop(inspect.unwrap(method).__code__, None)
    with mongod() as server, called() as codes:
        for number, job in enumerate((*AGAIN.values(), *OTHERS.values(), *IN_MONGODB.values())):
            world = World(tmp_path / str(number))
            world.folder.mkdir()
            world.mongodb = server.url
            async with world.client:
                await job(world)
    gc.collect()
    assert not {name for code, name in expected.items() if code not in codes}
