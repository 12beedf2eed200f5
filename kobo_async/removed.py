"""What API v1 had, and what stands in its place: a table, and how to look something up in it.

v1 answers 410 to everything since 2026 (`observed §1`). It had two parts: KoboCAT's, under
`/api/v1/` on a host of its own, which counted forms by integers; and KPI's, at the root, which
knew uids already (`api-facts §10`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import attrs

PAGED = "answers come in pages of at most 1,000 under `results`; v1 gave a flat list"
UID = "forms are known by uid, not by number; `id_string` of v1 is the uid"
NO_SUCCESSOR = "v2 has nothing in its place"
LIST = "/api/v2/assets/?q=asset_type:survey"
ASSET = "/api/v2/assets/{uid}/"


@attrs.frozen
class Route:
    """A path of v1.

    Attributes:
        old: the path, without a slash at the end; words in braces stand for anything.
        new: the path of v2, with the same words; None where there is none.
        notes: what else changes.
        method: the method of v2 where it must be another, or is the only one.
    """

    old: str
    new: str | None
    notes: str = ""
    method: str = ""

    def match(self, path: str) -> Mapping[str, str] | None:
        """Tell what the words in braces stand for in a path; None if it is another."""
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.old))
        found = re.fullmatch(pattern, path.rstrip("/"))
        return found.groupdict() if found else None


ROUTES: Final = (
    Route("/api/v1", "/api/v2/", "the paths below it are others, too"),
    Route("/api/v1/data", LIST, f"`asset_type=` alone is ignored: ask with `q`; {PAGED}"),
    Route(
        "/api/v1/data/{uid}/bulk_delete",
        f"{ASSET}data/bulk/",
        f'body {{"payload": {{"submission_ids": […]}}}}; {UID}',
        "DELETE",
    ),
    Route(
        "/api/v1/data/{uid}/bulk_validation_status",
        f"{ASSET}data/validation_statuses/",
        f'body {{"payload": {{"submission_ids": […], "validation_status.uid": …}}}}; {UID}',
        "PATCH",
    ),
    Route("/api/v1/data/{uid}/{id}/labels", None, NO_SUCCESSOR),
    Route("/api/v1/data/{uid}/{id}/labels/{label}", None, NO_SUCCESSOR),
    Route("/api/v1/data/{uid}/{id}/enketo", f"{ASSET}data/{{id}}/enketo/edit/", UID, "GET"),
    Route("/api/v1/data/{uid}/{id}/enketo_edit", f"{ASSET}data/{{id}}/enketo/edit/", UID, "GET"),
    Route("/api/v1/data/{uid}/{id}/enketo_view", f"{ASSET}data/{{id}}/enketo/view/", UID, "GET"),
    Route(
        "/api/v1/data/{uid}/{id}/validation_status", f"{ASSET}data/{{id}}/validation_status/", UID
    ),
    Route("/api/v1/data/{uid}/{id}", f"{ASSET}data/{{id}}/", UID),
    Route("/api/v1/data/{uid}", f"{ASSET}data/", f"{PAGED}; `count=` is refused; {UID}"),
    Route("/api/v1/forms", LIST, PAGED),
    Route("/api/v1/forms/{uid}/form.xml", "/api/v2/assets/{uid}.xml", UID),
    Route("/api/v1/forms/{uid}/form.xls", "/api/v2/assets/{uid}.xls", UID),
    Route("/api/v1/forms/{uid}/form.json", f"{ASSET}content/", UID),
    Route("/api/v1/forms/{uid}/labels", ASSET, f"`tag_string`, tags with commas between; {UID}"),
    Route("/api/v1/forms/{uid}/labels/{label}", ASSET, f"`tag_string`; {UID}", "PATCH"),
    Route("/api/v1/forms/{uid}", ASSET, UID),
    Route("/api/v1/metadata", f"{ASSET}files/", f"only for one project at a time; {PAGED}"),
    Route("/api/v1/metadata/{file}", f"{ASSET}files/{{file}}/", "files have uids, not numbers"),
    Route("/api/v1/notes", None, NO_SUCCESSOR),
    Route("/api/v1/notes/{id}", None, NO_SUCCESSOR),
    Route("/api/v1/submissions", "/submission", "on the OpenRosa host, without a slash", "POST"),
    Route(
        "/api/v1/media", f"{ASSET}data/", "`_attachments[].download_url` of each submission", "GET"
    ),
    Route("/api/v1/user", "/me/", "the token is at /token/"),
    Route("/api/v1/users", "/api/v2/users/"),
    Route("/api/v1/users/{username}", "/api/v2/users/{username}/"),
    Route("/media/{size}", None, "`_attachments[].download_url` of the submission"),
    Route("/assets/{uid}/submissions/{id}/edit", f"{ASSET}data/{{id}}/enketo/edit/"),
    Route("/assets/{uid}/submissions/{id}", f"{ASSET}data/{{id}}/"),
    Route("/assets/{uid}/submissions", f"{ASSET}data/", PAGED),
    Route("/exports", f"{ASSET}exports/", "JSON, for one project at a time"),
    Route("/exports/{export}", f"{ASSET}exports/{{export}}/", "for one project at a time"),
    Route("/reports", f"{ASSET}reports/", "the uid stands in the path, not in `?uid=`"),
    Route("/collections", "/api/v2/assets/?q=asset_type:collection", "collections are assets"),
    Route("/collections/{uid}", ASSET, "collections are assets"),
    Route(
        "/permissions",
        f"{ASSET}permission-assignments/",
        "/api/v2/permissions/ is the list of what can be granted",
    ),
    Route("/tags/{tag}", None, NO_SUCCESSOR),
)
"""Whatever matches first counts."""
MOVED: Final = ("asset_snapshots", "assets", "imports", "tags", "users")
"""At the root in v1, and the same under `/api/v2/`."""


@attrs.frozen
class Successor:
    """What stands in the place of a path of v1; `path` is None where nothing does."""

    path: str | None
    notes: str = ""
    method: str = ""

    def __str__(self) -> str:
        if self.path is None:
            return self.notes
        return f"use {self.method} {self.path}" if self.method else f"use {self.path}"


def successor(path: str) -> Successor | None:
    """Find what stands in the place of a path; None if it was no path of v1."""
    for route in ROUTES:
        words = route.match(path)
        if words is not None:
            new = route.new and _filled(route.new, words)
            return Successor(new, route.notes, route.method)
    first = path.lstrip("/").partition("/")[0]
    if first in MOVED:
        return Successor(f"/api/v2{path}")
    if path.startswith("/api/v1/"):
        return Successor(None, "v1 is gone, and no replacement of this path is known")
    return None


def _filled(new: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: _word(found[1], words), new)


def _word(name: str, words: Mapping[str, str]) -> str:
    """Keep what was there, but a number of a form or a file, which means nothing any more."""
    value = words.get(name, "")
    numbered = name in {"uid", "file"} and value.isdigit()
    return f"{{{name}}}" if numbered or not value else value
