"""`--log-json`: whatever goes to stderr is a line of JSON, for machines that read logs."""

from __future__ import annotations

import logging
import sys

import click

from kobo_async.cli.failures import DEBUG
from kobo_async.cli.terminal import LOGGER, json_text
from kobo_async.observability.logs import JsonLines, Redacting


def begin(ctx: click.Context) -> Redacting:
    """Log to stderr until the command is over, and return what masks secrets."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Shown())
    handler.addFilter(redacting := Redacting())
    logger = logging.getLogger(LOGGER)
    before = logger.level
    logger.setLevel(logging.DEBUG if DEBUG in ctx.meta else logging.INFO)
    logging.getLogger().addHandler(handler)

    def end() -> None:
        logging.getLogger().removeHandler(handler)
        logger.setLevel(before)

    ctx.find_root().call_on_close(end)
    return redacting


class _Shown(JsonLines):
    """Writes what is safe to show on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        return json_text(super().format(record))
