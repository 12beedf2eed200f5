"""What an HTTP library raises, as our own errors, by what it means for retrying."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kobo_async.errors import (
    ConnectFailed,
    ConnectionLost,
    KoboError,
    QueryError,
    RequestTimeout,
)


@contextmanager
def translated(label: str, library: Any) -> Iterator[None]:
    """Translate the errors of `httpx`, or of a library that has the same names."""
    try:
        yield
    except KoboError:
        raise
    except (library.ConnectError, library.ConnectTimeout, library.PoolTimeout) as error:
        raise ConnectFailed(_explain(error), label) from _bare(error)
    except (library.TimeoutException, TimeoutError) as error:
        raise RequestTimeout(_explain(error), label) from _bare(error)
    except library.InvalidURL as error:
        raise QueryError(f"{label}: {error}") from _bare(error)
    except (library.HTTPError, library.StreamError, OSError) as error:
        raise ConnectionLost(_explain(error), label) from _bare(error)


def _bare(error: BaseException) -> BaseException:
    """Drop what holds the credentials: frames of the HTTP library, and the request.

    Whoever pickles errors with their causes, as clusters do, would send it along.
    """
    link: BaseException | None = error
    seen: list[BaseException] = []
    while link is not None and link not in seen:
        seen.append(link)
        link.__traceback__ = None
        if "_request" in vars(link):
            link.request = None  # type: ignore[attr-defined]
        link = link.__cause__ or link.__context__
    return error


def _explain(error: BaseException) -> str:
    return str(error) or type(error).__name__
