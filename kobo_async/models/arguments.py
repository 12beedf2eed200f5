"""Checks of arguments that the server would misunderstand without saying so."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kobo_async.errors import QueryError


def listed(name: str, values: Sequence[str]) -> list[str]:
    """Return a list of texts, refusing one text, which would be taken for its letters."""
    if isinstance(values, str):
        raise QueryError(f"{name} is a list of texts, not {values!r}")
    return list(values)


def several(name: str, values: Sequence[str]) -> list[str]:
    """Return a list of different uids, and at least one.

    The server takes an empty list for everything the account owns, and refuses all for one that
    stands twice.
    """
    uids = listed(name, values)
    if not uids:
        raise QueryError(f"{name} is empty: the server would take that for all there are")
    if len(set(uids)) < len(uids):
        raise QueryError(f"{name} names something twice, which the server refuses")
    return uids


def known(name: str, value: str, allowed: Collection[str]) -> str:
    """Return a value that the server knows; it would silently ignore any other."""
    if value not in allowed:
        raise QueryError(f"{name} cannot be {value!r}: the server knows {', '.join(allowed)}")
    return value


def as_base64(encoded: str) -> str:
    """Return base64 with the mark that imports look for, which `data:` URLs have already."""
    return encoded if encoded.startswith(("data:", "base64,", "base64:")) else f"base64,{encoded}"


def as_data_url(encoded: str) -> str:
    """Return base64 as the `data:` URL that files must be."""
    if encoded.startswith("data:"):
        return encoded
    bare = encoded.removeprefix("base64,").removeprefix("base64:")
    return f"data:application/octet-stream;base64,{bare}"
