"""Addresses of databases, and what is said of those that do not work."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from kobo_async.errors import ConfigError
from kobo_async.sinks.sql.address import address_of
from kobo_async.sinks.sql.sink import Sql
from tests.sinks.databases import Postgresql, form, put, question
from tests.sinks.postgres import Postgres


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "not the address"),
        ("data.db", "not the address"),
        ("postgresql://host:port/x", "not the address"),
        ("mysql://me:hidden@host/x", "mysql:// cannot"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("sqlite:////no/such/folder/x.db", "there is no folder"),
        ("sqlite:///x.db?schema=a", "no schemas"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, said: str):
    with pytest.raises(ConfigError, match=said) as caught:
        Sql(url, form(question("q")))
    assert "hidden" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "url", ["postgres://me:hidden@host/x?schema=survey", "postgresql://me@host/x?password=hidden"]
)
def test_a_password_is_not_shown(url: str):
    address = address_of(url)
    assert str(address).startswith("postgresql://me")
    assert "hidden" not in str(address) + repr(address)


def test_the_argument_goes_before_the_address():
    assert address_of("postgresql:///x?schema=a", "b").schema == "b"
    assert address_of("postgresql:///x?schema=a").schema == "a"
    assert address_of("postgresql:///x?schema=").schema is None


@pytest.mark.anyio
async def test_a_database_that_cannot_be_opened_is_told_without_the_password(tmp_path: Path):
    url = f"postgresql://me:hidden@/x?host={tmp_path}"
    with pytest.raises(ConfigError, match="cannot write to postgresql://me:\\*\\*\\*@") as caught:
        await put(url, form(question("q")), [])
    assert "hidden" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.anyio
async def test_a_file_that_is_no_database_is_told(tmp_path: Path):
    path = tmp_path / "x.db"
    path.write_text("These are the notes of a meeting. " * 100)
    with pytest.raises(ConfigError, match="not a database"):
        await put(f"sqlite:///{path}", form(question("q")), [])


@pytest.mark.anyio
async def test_a_schema_is_made_and_used(server: Postgres):
    with server.database() as name:
        target = Postgresql(server, name)
        layout = form(question("q"))
        for schema in ('field "work"', "b"):
            for number in (1, 2):
                await put(target.url, layout, [{"_id": number, "q": schema}], schema=schema)
        assert target.tables() == set()
        assert target.run('SELECT q FROM "field ""work"""."Wells"') == [('field "work"',)] * 2
        assert target.run('SELECT q FROM b."Wells"') == [("b",)] * 2


@pytest.mark.anyio
async def test_a_database_that_cannot_hold_all_characters_is_refused(server: Postgres):
    latin = server.database("ENCODING 'LATIN1' LOCALE 'C'")
    with latin as name, pytest.raises(ConfigError, match="UTF8"):
        await put(server.url(name), form(question("q")), [])
