"""Optional dependencies: what is missing is said with the command that installs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kobo_async.errors import ConfigError


@contextmanager
def needed(extra: str) -> Iterator[None]:
    """Import the packages of an extra inside this block.

    Raises:
        ConfigError: when they are not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        name = (error.name or "a package").partition(".")[0]
        raise ConfigError(
            f"this needs {name}, which is not installed: pip install 'kobo-async[{extra}]'"
        ) from error
