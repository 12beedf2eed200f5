"""Logs by the standard library: events with fields, redacted, as text or as lines of JSON."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from kobo_async.config import Anonymous, Secret, Settings
from kobo_async.config.redaction import redacted, without_headers
from kobo_async.observability.describing import Event, fields, level, name, sentence

LOGGER: Final = "kobo_async"
PREFIX: Final = "kobo_"
"""Before the names of fields, so that they do not collide with anybody else's."""
USUAL: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Logs:
    """An observer that logs events, by default to the logger `kobo_async`.

    The message says what happened; the fields of the event are attributes of the record, for
    formatters that write them: `kobo_event`, `kobo_request`, `kobo_status`, `kobo_seconds` and so
    on. Requests are DEBUG, downloads INFO, repetitions and pauses WARNING.
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger(LOGGER)

    def __call__(self, event: Event) -> None:
        """Log an event."""
        how = level(event)
        if self._logger.isEnabledFor(how):
            told = {f"{PREFIX}{key}": value for key, value in fields(event).items()}
            self._logger.log(how, "%s", sentence(event), extra={"kobo_event": name(event), **told})


class Redacting(logging.Filter):
    """A filter that masks credentials in records, whoever logs them.

        handler.addFilter(Redacting(client.settings))

    It masks the secrets of the settings it is given, and whatever looks like the value of an
    `Authorization` header: in messages, in tracebacks and in further attributes of the record.
    """

    def __init__(self, *settings: Settings) -> None:
        super().__init__()
        self._secrets: list[Secret] = []
        for one in settings:
            self.add(one)

    def add(self, settings: Settings) -> None:
        """Mask the secrets of these settings, too."""
        if not isinstance(settings.credentials, Anonymous):
            self._secrets.append(settings.credentials.secret)

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask what a record holds, and let it pass."""
        record.msg, record.args = self._plain(record.getMessage()), ()
        if record.exc_info and record.exc_info[1] is not None:
            text = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
            record.exc_text = self._plain(text)
            if record.exc_text != text:
                record.exc_info = None  # formatters that draw it themselves would show it
        for key, value in extras(record):
            setattr(record, key, redacted(self._secrets, value))
        return True

    def _plain(self, text: str) -> str:
        return without_headers(redacted(self._secrets, text))


class JsonLines(logging.Formatter):
    """A formatter that writes one JSON object per line: time, level, logger, event, and fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{key.removeprefix(PREFIX): value for key, value in extras(record)},
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["exception"] = record.exc_text
        return orjson.dumps(line, default=str).decode()


def extras(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that were given to a record beyond the usual ones."""
    for key, value in list(vars(record).items()):
        if key not in USUAL:
            yield key, value
