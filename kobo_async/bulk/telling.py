"""What observers hear of a download as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

from kobo_async.bulk.download import Download
from kobo_async.events import DownloadBegan, DownloadEnded
from kobo_async.pages import Sender

NUMBERS: Final = count(1)


@contextmanager
def told(sender: Sender, download: Download[Any]) -> Iterator[None]:
    """Tell that a download begins, and at the end of the block how it went."""
    number = next(NUMBERS)
    sender.tell(DownloadBegan(number, download.asset))
    error = ""
    try:
        yield
    except BaseException as problem:
        error = type(problem).__name__
        raise
    finally:
        report = download.summary(None, None)
        sender.tell(
            DownloadEnded(
                number, report.asset, report.delivered, report.complete, report.seconds, error
            )
        )
