"""Write docs/reference/cli.md from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from kobo_async.cli.app import app
from kobo_async.cli.connection import connected

PAGE: Final = Path(__file__).parents[1] / "docs" / "reference" / "cli.md"
HEAD: Final = '''# Commands

`kobo-async COMMAND --help` tells the same. This page is written by `dev/commands.py`.

<!-- setup
import os
from pathlib import Path

for name in ("bob", "carol", "eve"):
    fake.add_user(name)
fake.users["alice"].password = token
mine = fake.add_form("Household survey", first_id=4711, rows=5).uid
stands_for |= {"aBcD…": mine, "s3://": "memory://"}
Path("many.jsonl").write_text('{"photo": "roof.jpg"}\\n{"photo": "well.jpg"}')
for name in ("roof.jpg", "well.jpg"):
    Path(name).write_text("a picture")
Path("mirror.toml").write_text(f"""
[servers.eu]
server = "eu"
token_env = "KOBO_TOKEN"

[projects.wells]
uid = "{mine}"
target = "mirror/"
""")
Path("pass").write_text(f"#!/bin/sh\\necho {token}\\n")
Path("pass").chmod(0o755)
os.environ["PATH"] = f"{os.getcwd()}:{os.environ['PATH']}"
-->
'''
FILE: Final = re.compile(r"\w+\.(toml)")


def markdown() -> str:
    """Return the page."""
    shared = _shared()
    parts = [HEAD, *_about(app), "## Options of all that ask a server\n", *map(_option, shared)]
    known = {option.name for option in shared}
    for path, command in commands(app, ""):
        parts += [f"## `{path}`\n", *_usage(path, command), *_about(command)]
        parts += [_option(one) for one in _options(command) if one.name not in known]
    return "\n".join(parts).rstrip() + "\n"


def commands(group: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
    """Yield all commands with what is typed for each, those of groups after their group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield f"{before}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")


def _shared() -> list[click.Option]:
    """Return the options of whatever asks a server; each command has them."""

    @click.command()
    @connected
    def nothing(_: object) -> None: ...

    return _options(nothing)


def _options(command: click.Command) -> list[click.Option]:
    return [one for one in command.params if isinstance(one, click.Option)]


def _usage(path: str, command: click.Command) -> Iterator[str]:
    arguments = [_argument(one) for one in command.params if isinstance(one, click.Argument)]
    more = ["COMMAND"] if isinstance(command, click.Group) else []
    yield f"`{' '.join(['kobo-async', path, '[OPTIONS]', *arguments, *more])}`\n"


def _argument(argument: click.Argument) -> str:
    name = argument.metavar or str(argument.name).upper()
    name = name if argument.required else f"[{name.strip('[]')}]"
    return f"{name}..." if argument.nargs == -1 else name


def _about(command: click.Command) -> Iterator[str]:
    """Yield what is said of a command."""
    for text in (command.help, command.epilog):
        for passage in re.split(r"\n\s*\n", inspect.cleandoc(text or "")):
            lines = passage.removeprefix("\b").strip("\n").splitlines()
            if passage.startswith("\b"):
                yield from _kept(*lines)
            elif lines:
                yield " ".join(lines) + "\n"


def _kept(heading: str, *lines: str) -> Iterator[str]:
    """Yield what click keeps as it is: examples and files as code, and columns as a list."""
    yield f"{heading}\n"
    if file := FILE.search(heading):
        yield f"```{file[1]} {file[0]}\n{inspect.cleandoc(chr(10).join(lines))}\n```\n"
    elif heading.startswith("Example"):
        yield f"```sh\n{inspect.cleandoc(chr(10).join(lines))}\n```\n"
    else:
        for code, *meaning in (re.split(" {2,}", line.strip()) for line in lines):
            yield ": ".join([f"* `{code}`", *meaning])
        yield ""


def _option(option: click.Option) -> str:
    names = ", ".join(f"`{one}`" for one in (*option.opts, *option.secondary_opts))
    takes = "" if option.is_flag or option.count else f" *{_taken(option)}*"
    remarks = [option.help or ""]
    remarks += ["Required."] * option.required
    remarks += [f"Default: `{option.default}`."] * bool(option.show_default)
    return f"{names}{takes}\n: {' '.join(remarks).strip()}\n"


def _taken(option: click.Option) -> str:
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return " | ".join(option.type.choices)
    return option.type.name.upper().partition(" ")[0]


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
