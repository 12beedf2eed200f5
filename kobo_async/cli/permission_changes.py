"""`kobo-async permissions show`, `grant`, `revoke`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, get_args

import click

from kobo_async.cli.jobs import Way, fetched, perform, reads, writes
from kobo_async.cli.options import uid_argument
from kobo_async.cli.output import report, show
from kobo_async.cli.terminal import say
from kobo_async.models.permission import Codename

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.models.permission import Assignment
    from kobo_async.verbs.permission_plan import Held, State

COLUMNS = ("user", "permissions")
PARTIAL = "partial_submissions"
OWNER = "everything, as owner"
CODENAMES = tuple(one for one in get_args(Codename) if one != PARTIAL)
user_argument = click.argument("user")


@click.command("show")
@uid_argument
@reads
def show_(way: Way, *, uid: str) -> None:
    """Show who may do what with project UID. `AnonymousUser` is everyone who has the link."""
    show_state(way, fetched(way, lambda api: api.permissions.state(uid)))


def show_state(way: Way, state: State) -> None:
    """Print who holds what, the owner first."""
    show(way, COLUMNS, _users(state), _cells, lambda one: one)
    if not state.complete:
        say("only what this account may see: it does not manage the project")


def _users(state: State) -> Iterator[dict[str, Any]]:
    yield {"user": state.owner, "owner": True, "permissions": {}}
    for user, held in sorted(state.held.items()):
        yield {"user": user, "owner": False, "permissions": held}


def _cells(one: dict[str, Any]) -> tuple[str, str]:
    return one["user"], OWNER if one["owner"] else ", ".join(sorted(_named(one["permissions"])))


def _named(held: Held) -> Iterator[str]:
    for codename, filters in held.items():
        yield f"{codename} ({', '.join(filters)})" if filters else codename


@click.command("grant")
@uid_argument
@user_argument
@click.argument("codenames", nargs=-1, required=True, type=click.Choice(CODENAMES))
@writes
def grant(way: Way, *, uid: str, user: str, codenames: tuple[Codename, ...]) -> None:
    """Give permissions on project UID to USER, with those they imply, and take none.

    For permissions on some submissions only, use `permissions apply`.
    """

    def tell(given: Sequence[Assignment]) -> None:
        granted = [one.codename for one in given]
        text = f"granted to {user}: {', '.join(granted)}" if given else f"{user} holds them already"
        report(way, text, user=user, granted=granted)

    perform(way, lambda api: api.permissions.grant(uid, user, *codenames), tell)


@click.command("revoke")
@uid_argument
@user_argument
@click.argument("codenames", nargs=-1, type=click.Choice((*CODENAMES, PARTIAL)))
@click.option("--all", "everything", is_flag=True, help="All that the user holds.")
@writes
def revoke(
    way: Way, *, uid: str, user: str, codenames: tuple[Codename, ...], everything: bool
) -> None:
    """Take permissions on project UID from USER, and no others.

    What depends on them must be named as well; otherwise nothing is sent.
    """
    if bool(codenames) is everything:
        raise click.UsageError("name the permissions to take, or --all")

    async def job(api: Api) -> str:
        if everything:
            await api.permissions.remove_user(uid, username=user)
        else:
            await api.permissions.revoke(uid, user, *codenames)
        return ", ".join(codenames) or "everything"

    def tell(taken: str) -> None:
        report(way, f"revoked from {user}: {taken}", user=user, revoked=taken)

    perform(way, job, tell)
