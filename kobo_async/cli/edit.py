"""`kobo-async edit`: some answers of one submission."""

from __future__ import annotations

import click

from kobo_async.cli.jobs import Way, perform, writes
from kobo_async.cli.options import row_id, uid_argument, unchecked_option
from kobo_async.cli.output import report

EPILOG = """\b
Examples:
  kobo-async edit aBcD… 4711 hh_size=5 comment=
  kobo-async edit aBcD… 4711 'members[1]/member_age=31' --dry-run
"""


@click.command("edit", short_help="Change answers of one submission.", epilog=EPILOG)
@uid_argument
@click.argument("id", type=row_id)
@click.argument("changes", nargs=-1, required=True, metavar="PATH=VALUE...")
@unchecked_option
@writes
def command(
    way: Way, *, uid: str, id: int | str, changes: tuple[str, ...], unchecked: bool
) -> None:
    """Change answers of submission ID (its _id or uuid) and keep all others.

    Steps of groups and repeats by name, instances of repeats by number. Nothing after the = empties
    an answer. An edit by somebody else at the same time is noticed and not overwritten.
    """
    answers = _answers(changes)
    perform(
        way,
        lambda api: api.submissions.edit(uid, id, changes=answers, check=not unchecked),
        lambda receipt: report(
            way, f"edited {id}", id=id, edited=sorted(answers), instance_id=receipt.instanceID
        ),
    )


def _answers(changes: tuple[str, ...]) -> dict[str, str]:
    answers: dict[str, str] = {}
    for change in changes:
        path, found, value = change.partition("=")
        if not found or path in answers:
            text = f"{path!r} stands there twice" if found else f"{change!r} is no PATH=VALUE"
            raise click.BadParameter(text, param_hint="PATH=VALUE")
        answers[path] = value
    return answers
