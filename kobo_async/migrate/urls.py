"""URLs of v1 and what stands in their place: host, path, parameters, format."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import attrs

from kobo_async.errors import QueryError
from kobo_async.removed import UID, successor

HOSTS: Final = {
    "kc.kobotoolbox.org": "kf.kobotoolbox.org",
    "kc-eu.kobotoolbox.org": "eu.kobotoolbox.org",
}
"""Hosts of KoboCAT, and the hosts of the same servers that answer v2."""
LEFT: Final = "humanitarianresponse.info"
"""A public server that was given up; its accounts are on another one."""
KEPT: Final = frozenset({"start", "limit", "query", "fields", "sort"})
"""Parameters of v1's data that v2 knows under the same name."""
DROPPED: Final = {
    "count": "`count` is part of every page, and refused as a parameter",
    "format": "",
    "page": "page with `start` and `limit`: `page` gives the first one again",
    "page_size": "`limit` is the size of a page, at most 1,000",
}
TABULAR: Final = frozenset({"csv", "csvzip", "kml", "savzip", "sav", "xls", "xlsx", "zip"})
"""Formats that v2 makes as exports."""
EXPORTS: Final = "/api/v2/assets/{uid}/exports/"


@attrs.frozen
class Replacement:
    """What to use in the place of a URL of v1.

    Attributes:
        url: the URL of v2; words in braces are not known from the old one. None where v2 has
            nothing like it.
        method: the method to use.
        notes: what else changes.
    """

    url: str | None
    method: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.url}" if self.url else "nothing"


def url(v1_url: str, *, method: str = "GET") -> Replacement:
    """Tell what to use in the place of a URL or path of v1, called with `method`.

    Raises:
        QueryError: when v1 had no such URL.
    """
    parts = urlsplit(v1_url)
    path, suffix = _without_suffix(parts.path)
    found = successor(path)
    if found is None:
        raise QueryError(f"not a URL of API v1: {v1_url:.200}")
    query, about_query = _query(path, parts.query)
    fmt = suffix or dict(parse_qsl(parts.query)).get("format", "")
    target, about_format = _formatted(found.path, fmt)
    server, about_host = _server(parts.scheme, parts.netloc, target)
    notes = [*found.notes.split("; "), *about_format, *about_query, *about_host]
    if target and "{uid}" not in target:
        notes = [note for note in notes if note not in UID.split("; ")]
    if target and query:
        target += ("&" if "?" in target else "?") + urlencode(query)
    told = tuple(dict.fromkeys(filter(None, notes)))
    new = target and _under(server, target, dict(parse_qsl(parts.query)))
    return Replacement(new, found.method or method, told)


def _without_suffix(path: str) -> tuple[str, str]:
    """Cut `.json` or `.csv` off the last part of a path; `form.xml` is a name."""
    match = re.fullmatch(r"(/api/v1/(?:data|forms|metadata|user)\b.*?)\.(\w+)", path.rstrip("/"))
    if match is None or match[1].endswith("/form"):
        return path, ""
    return match[1], match[2].lower()


def _query(path: str, query: str) -> tuple[dict[str, str], list[str]]:
    given = dict(parse_qsl(query, keep_blank_values=True))
    if not path.startswith("/api/v1/"):
        kind = given.pop("asset_type", None)
        if kind:
            given["q"] = " AND ".join(filter(None, [given.get("q"), f"asset_type:{kind}"]))
        given.pop("uid", None)
        return given, ["`asset_type=` is ignored: ask with `q`"] if kind else []
    kept = {name: value for name, value in given.items() if name in KEPT}
    lost = [name for name in given if name not in KEPT and name not in DROPPED]
    notes = [DROPPED[name] for name in given if name in DROPPED]
    return kept, [*notes, *(f"`{name}=` has no counterpart" for name in lost)]


def _formatted(target: str | None, fmt: str) -> tuple[str | None, list[str]]:
    if fmt == "jsonp":
        return target, ["JSONP is gone: send the token in a header, from a server"]
    if fmt in TABULAR and target:
        uid = re.search(r"/assets/([^/]+)/data/", target)
        place = EXPORTS.replace("{uid}", uid[1] if uid else "{uid}")
        return place, [f"{fmt} is made as an export, or with fixed settings by `export-settings`"]
    return target, []


def _server(scheme: str, host: str, target: str | None) -> tuple[str, list[str]]:
    if not host or not scheme:
        return "", []
    if target == "/submission":
        return f"{scheme}://{host}", []
    if host.endswith(LEFT):
        return "{server}", [f"{LEFT} was given up: use the server where the account is today"]
    if host in HOSTS:
        return f"{scheme}://{HOSTS[host]}", []
    if re.match(r"kc[.-]|kobocat\.", host):
        return "{server}", [f"v2 is answered by the host of the project list, not by {host}"]
    return f"{scheme}://{host}", []


def _under(server: str, target: str, given: dict[str, str]) -> str:
    uid = given.get("uid")
    return server + (target.replace("{uid}", quote(uid), 1) if uid else target)
