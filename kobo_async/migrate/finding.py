"""What of a text is a call of v1: URLs, also those put together from parts, and renamed fields.

A path such as `/api/v1/users` may belong to anything, so nothing counts in a text that does not
speak of Kobo, by the name of a server or otherwise. At the root of a server the paths are plainer
still, `/assets/` say, and count only with such a server, or in a shape that nothing else has.
Fields count if nobody else has them, or beside a URL of v1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from kobo_async.errors import QueryError
from kobo_async.migrate.fields import FILE, FORM, USER, Field
from kobo_async.migrate.urls import url
from kobo_async.removed import MOVED

_PLACEHOLDER: Final = r"\$?\{[^{}\n]*\}|\$\w+|%[sd]|<[\w:]+>"
_SEGMENT: Final = rf"(?:{_PLACEHOLDER}|[\w.%~:@-])+"
_HOST: Final = rf"https?:/{{0,2}}(?P<host>(?:{_PLACEHOLDER}|[\w.:@-])+)"
_REST: Final = rf"(?:/{_SEGMENT})*/?(?:\?[^\s\"'`<>\\)]*)?"
_V1: Final = re.compile(rf"(?:{_HOST})?(?P<path>/?\bapi/v1\b{_REST})")
_ROOTS: Final = "|".join(
    [*MOVED, "collections", "exports", "media/original", "permissions", "reports"]
)
_ROOT: Final = re.compile(
    rf"(?:{_HOST}|(?P<base>{_PLACEHOLDER}|[\"']\s*))"
    rf"(?P<path>/(?:{_ROOTS})(?![\w.-]){_REST})"
)
_OURS: Final = re.compile(r"kobo|humanitarianresponse|(?:^|//)k[cf][.-]", re.IGNORECASE)
_OTHERS: Final = re.compile(r"\bona\.io$|\bgetodk\.|\bcommcarehq\.", re.IGNORECASE)
"""Hosts of other products with paths of the same names."""
_KNOWN: Final = frozenset(
    {"data", "forms", "media", "metadata", "notes", "submissions", "user", "users"}
)
_UID: Final = rf"(?:a[A-Za-z0-9]{{21,22}}|{_PLACEHOLDER})"
_LEADS_TO_V2: Final = re.compile(r"v2|asset", re.IGNORECASE)
_OLD_SHAPE: Final = re.compile(rf"/assets/{_UID}/submissions\b")
_GOES_ON: Final = re.compile(r"^[\"'`]\s*(?:\+|%|\.\s*(?:concat|format)\b|\|\|)")
_PASTED: Final = re.compile(r"^[\"'`]\s*,")
_SUFFIXED: Final = re.compile(r"\.\w{2,4}$")
_LIKELY: Final = (
    ("user", USER, {"api_token", "temp_token"}),
    ("metadata", FILE, {"data_value", "data_file", "file_hash"}),
    ("(?:data|forms)", FORM, {"formid", "id_string", "last_submission_time", "downloadable"}),
)
"""Fields that may be anybody's, but not beside a URL, or another field, of what has them."""
_MAYBE: Final = frozenset[str]().union(*(names for _, _, names in _LIKELY))
FIELDS: Final = {
    field.old: field for field in (*USER, *FILE, *FORM) if field.known or field.old in _MAYBE
}
_FIELD: Final = re.compile(
    rf"(?<![\w/-])({'|'.join(sorted(FIELDS, key=len, reverse=True))})(?![\w/-])"
)
_HINT: Final = re.compile(rf"api/v1|/(?:{_ROOTS})\b|{_FIELD.pattern}")


@attrs.frozen
class Hit:
    """One thing found in a text.

    Attributes:
        line: counted from 1.
        what: the text that was found.
        kind: `url` or `field`.
        instead: the URL or field of v2; None where v2 has nothing like it.
        notes: what else changes.
    """

    line: int
    what: str
    kind: str
    instead: str | None
    notes: tuple[str, ...] = ()


def hits(text: str, *, around: str = "") -> Iterator[Hit]:
    """Yield what a text has of v1, in the order of lines.

    `around` is what it is a part of, such as the other cells of a notebook.
    """
    whole = around or text
    if not _OURS.search(whole) or not _HINT.search(text):
        return
    v2 = "api/v2" in whole
    lines = [
        (number, line) for number, line in enumerate(text.splitlines(), 1) if _HINT.search(line)
    ]
    found = [hit for number, line in lines for hit in _urls(line, number, v2=v2)]
    fields = [hit for number, line in lines for hit in _fields(line, number)]
    likely = _likely(found, sure={hit.what for hit in fields if FIELDS[hit.what].known})
    found += [hit for hit in fields if FIELDS[hit.what].known or hit.what in likely]
    yield from sorted(found, key=lambda hit: hit.line)


def _likely(urls: list[Hit], sure: set[str]) -> set[str]:
    """Tell which fields a text that has these URLs and fields is likely to mean."""
    asked = " ".join(hit.what for hit in urls)
    likely: set[str] = set()
    for resource, fields, names in _LIKELY:
        beside = any(field.old in sure for field in fields)
        if beside or re.search(rf"api/v1/{resource}\b", asked):
            likely |= names
    return likely


def _urls(line: str, number: int, *, v2: bool) -> Iterator[Hit]:
    for match in _V1.finditer(line):
        host, path = match["host"], "/" + match["path"].lstrip("/")
        if _is_kobocat(host, path):
            yield _hit(number, match[0], path, host, more=_continued(line, match.end()))
    for match in _ROOT.finditer(line):
        host, path = match["host"], match["path"]
        if _is_kpi(match, v2=v2):
            what = match[0] if host else path
            yield _hit(number, what, path, host, more=_continued(line, match.end()))


def _is_kobocat(host: str | None, path: str) -> bool:
    first = re.split(r"[/?.]", path.removeprefix("/api/v1").lstrip("/"))[0]
    if host and not re.fullmatch(_PLACEHOLDER, host):
        if _OTHERS.search(host):
            return False
        return bool(_OURS.search("//" + host)) or first in _KNOWN
    return first in _KNOWN


def _is_kpi(match: re.Match[str], *, v2: bool) -> bool:
    host, base, path = match["host"], match["base"], match["path"]
    if _SUFFIXED.search(path.partition("?")[0]) and not path.endswith((".json", ".xls", ".xml")):
        return False
    if host and not re.fullmatch(_PLACEHOLDER, host):
        return bool(_OURS.search("//" + host)) and not _OTHERS.search(host)
    if base and _LEADS_TO_V2.search(base):
        return False
    return bool(_OLD_SHAPE.match(path)) or (not v2 and bool(_root_shape(path)))


def _root_shape(path: str) -> re.Match[str] | None:
    """Match what would hardly stand there for anything else."""
    return re.match(
        rf"/assets/(?:{_UID}(?:/|$)|\?|$)|/(?:exports|imports|collections)/?(?:\?|$)", path
    )


def _continued(line: str, end: int) -> bool:
    """Tell whether a text is put together: a path that ends in a slash is then not complete."""
    if not line[:end].endswith("/"):
        return False
    rest = line[end:]
    return bool(_GOES_ON.match(rest)) or ("paste" in line and bool(_PASTED.match(rest)))


def _hit(number: int, what: str, path: str, host: str | None, *, more: bool) -> Hit:
    known = host if host and not re.search(_PLACEHOLDER, host) else ""
    full = f"https://{known}{path}" if known else path
    try:
        found = url(full + ("{uid}" if more else ""))
    except QueryError:
        return Hit(number, what, "url", None, ("v1 is gone",))
    return Hit(number, what, "url", found.url, found.notes)


def _fields(line: str, number: int) -> Iterator[Hit]:
    for match in _FIELD.finditer(line):
        if _is_name(line, match):
            field: Field = FIELDS[match[1]]
            notes = (field.notes,) if field.notes else ()
            yield Hit(number, field.old, "field", field.new, notes)


def _is_name(line: str, match: re.Match[str]) -> bool:
    """Tell whether a word is used as a name: in quotes, or after a dot or a dollar."""
    before, after = line[: match.start()][-1:], line[match.end() :][:1]
    return (
        (before in {'"', "'"} and after == before)
        or before in {".", "$"}
        or (before == "\\" or after == "\\")
    )
