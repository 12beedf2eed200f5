"""The history of a project: who did what, and the query language it is asked with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from kobo_async.testing.permissions import ANONYMOUS, PARTIAL
from kobo_async.testing.qlanguage import Language, NothingError, compile_q

_PUBLIC: Final = {
    "add_submissions": ("allow-anonymous-submissions", "disallow-anonymous-submissions"),
    "view_asset": ("share-form-publicly", "unshare-form-publicly"),
    "view_submissions": ("share-data-publicly", "unshare-data-publicly"),
}
"""What giving anonymous users a permission is called, and taking it."""


@attrs.frozen
class Entry:
    """One thing that happened. The API shows whole seconds and compares with microseconds."""

    created: datetime
    username: str
    action: str
    metadata: Mapping[str, Any]


def read_entry(entry: Mapping[str, Any]) -> Entry:
    """Read an entry as the API writes it."""
    created = datetime.fromisoformat(entry["date_created"])
    return Entry(created, entry["username"], entry["action"], entry["metadata"])


class History:
    """What happened to one project, oldest first."""

    def __init__(self, uid: str, owner: str) -> None:
        self._uid = uid
        self._owner = owner
        self._entries: list[Entry] = []

    def add(
        self,
        created: datetime,
        username: str | None,
        action: str,
        /,
        *,
        subtype: str = "project",
        **metadata: Any,
    ) -> None:
        """Write down what a user did; None = an anonymous user."""
        common = {
            "source": "Other (Other)",
            "asset_uid": self._uid,
            "ip_address": "127.0.0.1",
            "log_subtype": subtype,
            "project_owner": self._owner,
        }
        entry = Entry(created, username or ANONYMOUS, action, {**common, **metadata})
        self._entries.append(entry)

    def keep(self, entries: Iterable[Entry]) -> None:
        """Add entries of a real server, newest first as it shows them."""
        self._entries += sorted(entries, key=lambda one: one.created)

    def purge(self, until: datetime) -> None:
        """Forget what happened before a moment, as the server does every day (api-facts §3.6)."""
        self._entries = [entry for entry in self._entries if entry.created >= until]

    def select(self, q: str | None) -> list[Entry]:
        """Return what matches, newest first."""
        test = compile_q(q, _LANGUAGE) if q else None
        newest = reversed(self._entries)
        return [one for one in newest if test is None or test(_searched(one))]

    @property
    def actions(self) -> list[str]:
        """What kinds of things happened."""
        return list(dict.fromkeys(entry.action for entry in self._entries))


def _searched(entry: Entry) -> dict[str, Any]:
    return {
        "action": entry.action,
        "date_created": _moment(entry.created),
        "metadata": entry.metadata,
        "user": {"username": entry.username},
    }


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"


def _convert(names: list[str], value: Any) -> Any:
    if names[0] != "date_created":
        return value
    try:
        return _moment(datetime.fromisoformat(str(value)))
    except ValueError:
        raise NothingError from None


def _free_texts(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return entry["action"], str(entry["metadata"])


_LANGUAGE: Final = Language(
    roots=frozenset({"action", "date_created", "metadata", "user"}),
    refused=re.compile(r"user_uid|user__(?!username)"),
    texts=_free_texts,
    convert=_convert,
)


@attrs.frozen
class Holdings:
    """Who holds what at one moment, and row permissions with their filters."""

    names: Mapping[str, set[str]]
    partial: Mapping[str, Mapping[str, Any]]


def permission_changes(before: Holdings, after: Holdings) -> Iterable[tuple[str, dict[str, Any]]]:
    """Return the action and the metadata of every user whose permissions differ."""
    for username in sorted({*before.names, *after.names}):
        held, now = before.names.get(username, set()), after.names.get(username, set())
        rows = after.partial.get(username, {})
        if username == ANONYMOUS:
            yield from _public_changes(held, now)
        elif held != now or rows != before.partial.get(username, {}):
            added: list[Any] = sorted(now - held - {PARTIAL})
            added += [{"code": name, "filters": filters} for name, filters in rows.items()]
            change = {"username": username, "added": added, "removed": sorted(held - now)}
            yield "modify-user-permissions", {"permissions": change}


def _public_changes(held: set[str], now: set[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    for permission, (given, taken) in _PUBLIC.items():
        if permission in now - held:
            yield given, {}
        if permission in held - now:
            yield taken, {}
