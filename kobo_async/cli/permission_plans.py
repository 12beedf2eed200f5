"""`kobo-async permissions plan` and `apply`: permissions as a file says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from kobo_async.cli import terminal
from kobo_async.cli.jobs import Way, fetched, perform, reads, writes
from kobo_async.cli.options import FILE, uid_argument
from kobo_async.cli.output import show
from kobo_async.cli.permission_changes import show_state

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.verbs.permission_plan import Plan, State, Wanted

COLUMNS = ("change", "user", "permission", "remark")
EPILOG = """\b
A file such as team.toml, or the same as JSON:
  bob = ["view_submissions", "validate_submissions"]
  eve = []
  [carol.partial_submissions]
  view_submissions = [{ _submitted_by = "carol" }]

\b
Examples:
  kobo-async permissions plan aBcD… team.toml
  kobo-async permissions apply aBcD… team.toml
"""
file_argument = click.argument("file", type=FILE)
others_option = click.option(
    "--remove-others", is_flag=True, help="Users who are not in FILE lose everything."
)


@click.command("plan", epilog=EPILOG)
@uid_argument
@file_argument
@others_option
@reads
def plan(way: Way, *, uid: str, file: Path, remove_others: bool) -> None:
    """Show what it takes that users hold on project UID just what FILE says. Nothing is changed.

    Users who are not in FILE keep what they hold.
    """
    wanted = _wanted(file)
    show_plan(way, fetched(way, lambda api: _plan(api, uid, wanted, remove_others)))


@click.command("apply", epilog=EPILOG)
@uid_argument
@file_argument
@others_option
@click.option("--yes", is_flag=True, help="Do not ask, even where users lose everything.")
@writes
def apply(way: Way, *, uid: str, file: Path, remove_others: bool, yes: bool) -> None:
    """Change permissions so that users hold on project UID just what FILE says.

    Where users lose everything it asks on a terminal, and takes --yes anywhere else.
    """
    wanted = _wanted(file)
    made = fetched(way, lambda api: _plan(api, uid, wanted, remove_others))
    if made.loses_everything and not (yes or way.dry):
        _ask(made)

    def tell(state: State) -> None:
        show_state(way, state)
        terminal.say(f"{made.changes} changes made")

    perform(way, lambda api: api.permissions.apply(made), tell)


async def _plan(api: Api, uid: str, wanted: Wanted, remove_others: bool) -> Plan:  # noqa: FBT001 - internal
    return await api.permissions.plan(uid, wanted, remove_others=remove_others)


def _ask(made: Plan) -> None:
    users = ", ".join(made.loses_everything)
    if not terminal.can_ask():
        raise click.UsageError(f"{users} would lose everything: confirm with --yes")
    for line in str(made).splitlines():
        terminal.say(line)
    click.confirm(terminal.plain(f"{users} will lose everything. Go on?"), abort=True, err=True)


def show_plan(way: Way, made: Plan) -> None:
    """Print what a plan gives and takes."""
    if way.as_json:
        show(way, (), [made.as_dict()], lambda _: (), lambda one: one)
        return
    show(way, COLUMNS, list(_changes(made)), tuple)
    terminal.say(f"{made.changes or 'no'} changes")


def _changes(made: Plan) -> Iterator[tuple[str, str, str, str]]:
    for grant in made.grants:
        rows = terminal.json_line(grant.filters) if grant.filters else ""
        yield "give", grant.user, grant.permission, rows
    for one in made.implied:
        yield "comes along", one.user, one.permission, f"with {one.by}"
    for removal in made.removals:
        yield "take", removal.user, removal.permission, ""
    for user in made.loses_everything:
        yield "loses everything", user, "", ""


def _wanted(file: Path) -> dict[str, Any]:
    """Read who shall hold what."""
    try:
        text = file.read_text(encoding="utf-8")
        found = orjson.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"{file}: {error}", param_hint="FILE") from error
    if not isinstance(found, dict):
        raise click.BadParameter(f"{file} holds no users", param_hint="FILE")
    return {user: _permissions(user, held) for user, held in found.items()}


def _permissions(user: str, held: Any) -> Any:
    """Return a list of names, or a table of them: `true` where there is nothing to add."""
    if isinstance(held, list) and all(isinstance(one, str) for one in held):
        return held
    if isinstance(held, dict):
        return {name: None if filters is True else filters for name, filters in held.items()}
    text = f"{user}: a list of permissions is needed, not {held!r}"
    raise click.BadParameter(text, param_hint="FILE")
