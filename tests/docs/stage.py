"""What the examples of a page run on: a fake server, a folder, a database, and one namespace."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest

from kobo_async import KoboClient
from kobo_async.testing import FakeKobo
from tests.cli.running import serving
from tests.sinks.postgres import Postgres

from .pages import Block, parsed
from .shell import Shell

ROWS = 40
"""Submissions of the project that commands are about."""
DATABASE = re.compile(r"(?:sqlite|postgresql)://[^\s\"'`]+")


@attrs.define(slots=False)
class Stage:
    """Runs the blocks of a page, in order; each way to do so returns what is printed.

    Attributes:
        uid: of a project with 2,500 submissions.
        postgres: starts a server.
        stack: ends what the page has started.
        stands_for: what a reader puts in the place of what.
        database: the address that was named last.
    """

    fake: FakeKobo
    uid: str
    folder: Path
    capture: pytest.CaptureFixture[str]
    postgres: Callable[[], Postgres]
    stack: ExitStack
    database: str = ""

    @cached_property
    def names(self) -> dict[str, Any]:
        """What blocks of Python find, and leave to later ones."""
        client = KoboClient("http://localhost", token=self.fake.token)
        runner = self.runner
        self.stack.callback(lambda: runner.run(client.aclose()))
        known = {"uid": self.uid, "fake": self.fake, "client": client, "token": self.fake.token}
        ways = {"stands_for": self.stands_for, "sh": self.shell.run}
        return {"__name__": "example", **known, **ways}

    @cached_property
    def runner(self) -> asyncio.Runner:
        """The loop of blocks that await."""
        return self.stack.enter_context(asyncio.Runner())

    @cached_property
    def shell(self) -> Shell:
        """Where commands run."""
        typed = f"{self.fake.token}\n"
        return Shell(self.folder, lambda: self.url, typed, self.stands_for, self.stack)

    @cached_property
    def stands_for(self) -> dict[str, str | Callable[[], str]]:
        """Placeholders, and what a reader has instead."""
        return {
            "aMyProjectUid": lambda: self.project,
            "KOBO_TOKEN=...": f"KOBO_TOKEN={self.fake.token}",
            'token = "…"': f'token = "{self.fake.token}"',
            "postgresql://me@localhost/surveys": lambda: self.surveys,
        }

    @cached_property
    def project(self) -> str:
        """The uid of a project of the reader's own."""
        return self.fake.add_form("Household survey", rows=ROWS).uid

    @cached_property
    def surveys(self) -> str:
        """The address of an empty database of PostgreSQL."""
        server = self.postgres()
        return server.url(self.stack.enter_context(server.database()))

    @cached_property
    def url(self) -> str:
        """The address of the same server for other processes."""
        return self.stack.enter_context(serving(self.fake)).url

    def filled(self, block: Block) -> str:
        """Put in what a reader has, where a reader reads it."""
        text = block.text
        for placeholder, value in () if block.kind == "setup" else self.stands_for.items():
            if placeholder in text:
                text = text.replace(placeholder, value() if callable(value) else value)
        self.database = [self.database, *DATABASE.findall(text)][-1]
        return text

    def python(self, block: Block) -> str:
        """Run it; what awaits runs in the loop of the page, others may start their own."""
        source = "\n" * (block.line + 1) + self.filled(block)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(source, block.kind, "exec", flags=flags, dont_inherit=True)
        result = eval(code, self.names)  # noqa: S307 - our own examples
        if inspect.iscoroutine(result):
            self.runner.run(result)
        return "".join(self.capture.readouterr())

    def sh(self, block: Block) -> str:
        """Run its lines."""
        return self.shell.run(self.filled(block))

    def keep(self, block: Block) -> str:
        """Write the file that it is, for what comes after."""
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.filled(block), encoding="utf-8")
        path.chmod(0o600)
        return ""

    def sql(self, block: Block) -> str:
        """Run it on the database that was named last; what selects must find something."""
        kind, _, place = self.database.partition("://")
        connection: Any = (
            sqlite3.connect(place[1:])
            if kind == "sqlite"
            else psycopg.connect(self.database, autocommit=True)
        )
        with closing(connection):
            for statement in filter(str.strip, block.text.split(";")):
                found = connection.execute(statement)
                assert not found.description or found.fetchone(), f"nothing: {statement}"
        return ""

    def markdown(self, block: Block) -> str:
        """Run the blocks in it."""
        return "".join(WAYS[inner.kind](self, inner) for inner in parsed(block.text))


WAYS: dict[str, Callable[[Stage, Block], str]] = {
    "python": Stage.python,
    "setup": Stage.python,
    "sh": Stage.sh,
    "sql": Stage.sql,
    "toml": Stage.keep,
    "json": Stage.keep,
    "markdown": Stage.markdown,
}
"""How to run a block, by its kind."""
