"""Groups of commands that are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Late(click.Group):
    """Knows where its commands are, and imports the one that is wanted.

    A place is the name of a module of this package, whose `command` is meant, or `module:name`.
    Where no command is named, options belong to the one named by `default`.
    """

    def __init__(
        self, *args: Any, places: Mapping[str, str], default: str | None = None, **others: Any
    ) -> None:
        super().__init__(*args, **others)
        self._places = places
        self._default = default

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands, the likeliest first."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in self._places:
            return None
        module, _, name = self._places[cmd_name].partition(":")
        command: click.Command = getattr(
            import_module(f"kobo_async.cli.{module}"), name or "command"
        )
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the command that is meant where none is named."""
        first = args[0] if args else "-"
        if self._default and first.startswith("-") and first not in ctx.help_option_names:
            args = [self._default, *args]
        return super().parse_args(ctx, args)
