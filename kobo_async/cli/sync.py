"""`kobo-async sync`: mirrors that follow what happens on the server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs
import click

from kobo_async.cli.connection import Connection, connected
from kobo_async.cli.failures import FAILED, tell
from kobo_async.cli.mirrors import MirrorOptions, check_target
from kobo_async.cli.options import identifier, labels_option, typed, where_option
from kobo_async.cli.runner import run
from kobo_async.cli.syncing import Outcome, Project, Server
from kobo_async.cli.syncing import connected as opened
from kobo_async.cli.terminal import json_line, say
from kobo_async.cli.watching import duration_option, repeat

BESIDE_FILE: Final = ("config", "watch", "as_json", "debug")
"""Options that go together with `--config`; all others stand in the file."""
EPILOG = """\b
What -o names:
  sqlite:///wells.db          a table for the submissions, one for each repeat
  postgresql://host/database  likewise
  mongodb://host/database     rows, in the collection UID or in that behind #
  wells/                      a folder of JSON lines

\b
Examples:
  kobo-async sync aBcD… -o sqlite:///wells.db
  kobo-async sync aBcD… -o postgresql://me@localhost/surveys --watch 5m
  kobo-async sync --config mirror.toml --json
"""


@click.command("sync", short_help="Keep a copy of a project true.", epilog=EPILOG)
@click.argument("uid", type=identifier, required=False)
@click.option(
    "-o", "--output", "target", metavar="TARGET", help="Where the mirror is: see What -o names."
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Projects, servers and targets from this file.",
)
@where_option
@click.option(
    "--strategy",
    type=click.Choice(["auto", "history", "sweep", "edits"]),
    default="auto",
    show_default=True,
    help="How to find out what changed.",
)
@click.option(
    "--max-delete-fraction",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Stop before more than this part of the mirror is deleted.",
)
@click.option("--hard-deletes", is_flag=True, help="Remove what is gone, instead of marking it.")
@click.option("--prefix", help="Before the names of tables, or of the collection.")
@labels_option
@click.option(
    "--watch",
    type=duration_option,
    metavar="TIME",
    help="Again every 30s, 5m, 12h or 7d, until Ctrl-C or SIGTERM, which then end with 0.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each run.")
@connected
def command(
    connection: Connection,
    *,
    uid: str | None,
    config: Path | None,
    watch: float | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Bring the mirror of project UID up to date: new, edited and deleted submissions.

    The first run copies everything; it may be stopped at any time, and goes on from there. What is
    gone from the server is marked, never more of it than --max-delete-fraction allows. The report
    says what changed and how that was found out.

    With --config there are as many projects as the file names, on any number of servers. One that
    fails does not stop the others; the exit code is 1 then.
    """
    servers = _configured(config) if config else [_alone(connection, uid, given)]
    count = sum(len(server.projects) for server in servers)
    teller = Teller(as_json=as_json, named=config is not None)
    if watch:
        _watch(servers, teller, watch)
        return
    run(lambda: _once(servers, teller))
    if not config and teller.failed:
        raise teller.failed[0].result  # type: ignore[misc]
    teller.close(count)


def _alone(connection: Connection, uid: str | None, given: dict[str, Any]) -> Server:
    """Make the plan of one project."""
    target = given["target"]
    if not uid or not target:
        raise click.UsageError("name UID and -o TARGET, or --config FILE")
    options: MirrorOptions = {"hard_deletes": given["hard_deletes"], "labels": given["labels"]}
    if given["prefix"]:
        options["prefix"] = given["prefix"]
    check_target(target, options)
    run_ = {name: given[name] for name in ("where", "strategy", "max_delete_fraction")}
    project = Project(name=uid, uid=uid, target=target, options=options, run=run_)
    return Server(client=connection.client, projects=[project])


def _configured(path: Path) -> Sequence[Server]:
    from kobo_async.cli.mirror_config import read_config  # noqa: PLC0415 - slow to import

    for one in typed():
        if one.name not in BESIDE_FILE:
            raise click.UsageError(f"{one.opts[0]} stands in the file that --config names")
    return read_config(path)


@attrs.define
class Teller:
    """Tells of every project that is done: reports, and what went wrong."""

    as_json: bool
    named: bool
    failed: list[Outcome] = attrs.field(factory=list)

    def __call__(self, outcome: Outcome) -> None:
        """Tell of one."""
        name, result = outcome.project.name, outcome.result
        named = self.named and name != outcome.project.uid
        if isinstance(result, Exception):
            self._failure(outcome, result)
        elif self.as_json:
            click.echo(json_line({"project": name, **result.as_dict()}))
        else:
            say(f"{name}: {result}" if named else str(result))

    def _failure(self, outcome: Outcome, error: Exception) -> None:
        self.failed.append(outcome)
        if self.as_json:
            facts = {"error": type(error).__name__, "message": str(error)}
            project = outcome.project
            click.echo(json_line({"project": project.name, "asset": project.uid, **facts}))
        if self.named:
            error.add_note(f"{outcome.project.name} was not brought up to date")
            tell(error)

    def close(self, count: int) -> None:
        """Tell how many are up to date; end with 1 if some are not."""
        if self.failed:
            names = ", ".join(outcome.project.name for outcome in self.failed)
            say(f"{count - len(self.failed)} of {count} projects are up to date, not: {names}")
            raise click.exceptions.Exit(FAILED)


async def _once(servers: Sequence[Server], teller: Teller) -> None:
    async with opened(servers, teller) as once:
        await once()


def _watch(servers: Sequence[Server], teller: Teller, every: float) -> None:
    """Go on until told to stop. What is being written then is undone, and nothing is lost."""
    try:
        run(partial(_forever, servers, teller, every))
    except KeyboardInterrupt:
        say("stopped")


async def _forever(servers: Sequence[Server], teller: Teller, every: float) -> None:
    from kobo_async.clock import SystemClock  # noqa: PLC0415 - slow to import

    teller.named = True
    async with opened(servers, teller) as once:
        await repeat(once, every, SystemClock())
