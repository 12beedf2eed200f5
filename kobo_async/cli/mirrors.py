"""Mirrors by their targets: a database of SQL, one of MongoDB, or a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Final, Literal, TypedDict, Unpack

from kobo_async.cli.secrets import shown_address
from kobo_async.errors import ConfigError

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.sync.mirror import Mirror

SQL: Final = ("sqlite", "postgresql", "postgres")
MONGO: Final = "mongodb"
TARGETS: Final = "sqlite:///…, postgresql://…, mongodb://… or a folder/"
OF_TABLES: Final = ("labels", "headers", "only")


class MirrorOptions(TypedDict, total=False):
    """How a mirror is kept.

    `hard_deletes` removes what is gone from the server instead of marking it; `prefix` stands
    before the names of tables, or of the collection; the others are those of `TableOptions`.
    """

    hard_deletes: bool
    prefix: str
    labels: str | None
    headers: Literal["path", "name", "label"]
    only: Sequence[str]


def check_target(target: str, options: MirrorOptions) -> None:
    """Make sure that a mirror can be kept there, as far as that can be told before it is opened.

    Raises:
        ConfigError: for something else, and for options that have no effect there.
    """
    from kobo_async.sinks.folders import is_folder  # noqa: PLC0415 - slow to import

    scheme = _scheme(target)
    if scheme in SQL:
        return
    shown = shown_address(target)
    if scheme != MONGO and (scheme or not is_folder(target)):
        raise ConfigError(f"{shown!r} cannot be a mirror: name {TARGETS}")
    if given := [name for name in OF_TABLES if options.get(name)]:
        raise ConfigError(f"{given[0]} is for tables, and {shown!r} gets rows")


@asynccontextmanager
async def open_mirror(
    target: str, *, client: Api, uid: str, **options: Unpack[MirrorOptions]
) -> AsyncIterator[Mirror]:
    """Open the mirror of a project as long as the block lasts.

    Args:
        target: `sqlite:///file.db`, `postgresql://user@host/database`,
            `mongodb://host/database#collection`, or a folder.
        client: of the server: tables are laid out by the form as it is now.
        uid: the project.
        options: see `MirrorOptions`.

    Permission: `view_asset` for tables. Errors: ConfigError; see `tables.layout`.
    """
    check_target(target, options)
    made = _sql if _scheme(target) in SQL else _mongo if _scheme(target) else _folder
    async with await made(target, client, uid, options) as mirror:
        yield mirror


async def _sql(
    target: str, client: Api, uid: str, options: MirrorOptions
) -> AbstractAsyncContextManager[Mirror]:
    from kobo_async.sinks.sql.mirror import SqlMirror  # noqa: PLC0415 - an extra

    layout = await client.tables.layout(
        uid,
        numbering="submission",
        labels=options.get("labels"),
        headers=options.get("headers") or "path",
        only=options.get("only", ()),
    )
    prefix, hard = options.get("prefix", ""), options.get("hard_deletes", False)
    return SqlMirror(target, layout, uid, prefix=prefix, hard_deletes=hard)


async def _mongo(
    target: str, _: Api, uid: str, options: MirrorOptions
) -> AbstractAsyncContextManager[Mirror]:
    from kobo_async.sinks.mongo_mirror import MongoMirror  # noqa: PLC0415 - an extra

    address, _mark, named = target.partition("#")
    name = f"{options.get('prefix', '')}{named or uid}"
    hard = options.get("hard_deletes", False)
    return MongoMirror(address, uid, collection=name, hard_deletes=hard)


async def _folder(
    target: str, _: Api, uid: str, options: MirrorOptions
) -> AbstractAsyncContextManager[Mirror]:
    from kobo_async.sinks.folder_mirror import FolderMirror  # noqa: PLC0415 - slow to import

    return FolderMirror(target, uid, hard_deletes=options.get("hard_deletes", False))


def _scheme(target: str) -> str:
    scheme, mark, _ = target.partition("://")
    return scheme.partition("+")[0].lower() if mark else ""
