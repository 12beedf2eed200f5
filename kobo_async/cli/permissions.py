"""`kobo-async permissions`: who may do what, and how to change that without surprises."""

from __future__ import annotations

from typing import Final

import click

from kobo_async.cli.groups import Late

COMMANDS: Final = {
    "show": "permission_changes:show_",
    "plan": "permission_plans:plan",
    "apply": "permission_plans:apply",
    "grant": "permission_changes:grant",
    "revoke": "permission_changes:revoke",
}


@click.group("permissions", cls=Late, places=COMMANDS)
def command() -> None:
    """Show, plan, give and take permissions. Users who are not named keep theirs."""
