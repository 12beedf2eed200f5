"""The command `kobo-async` (extra `cli`)."""

from __future__ import annotations

import io
import sys

MISSING = "kobo-async: the command needs the extra `cli`; run: pip install 'kobo-async[cli]'"


def main() -> None:
    """Run the command and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        from kobo_async.cli.app import app  # noqa: PLC0415 - an optional dependency
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.stderr.write(f"{MISSING}\n")
        raise SystemExit(2) from None
    app(prog_name="kobo-async")
