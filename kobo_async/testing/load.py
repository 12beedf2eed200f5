"""Forms of a real server, read from a folder."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import orjson

from kobo_async.testing.assetfields import uid_of
from kobo_async.testing.assetfiles import AssetFile
from kobo_async.testing.history import Entry, read_entry
from kobo_async.testing.paths import BASE


@attrs.frozen
class LoadedForm:
    """What a folder holds.

    `asset.json`, `versions.json` and `submissions.jsonl.gz`, and maybe `history.json`; contents of
    the files of the form in `files/`, and of attachments in `attachments/`, both named by uid.
    """

    asset: dict[str, Any]
    versions: list[dict[str, Any]]
    rows: dict[int, dict[str, Any]]
    origin: str
    history: list[Entry]
    files: list[AssetFile]
    attachments: dict[str, bytes] = attrs.field(repr=False)

    @property
    def assignments(self) -> Iterator[tuple[str, str, str, list[dict[str, Any]]]]:
        """User, permission, uid and filters of every assignment."""
        for entry in self.asset["permissions"]:
            partial = entry.get("partial_permissions", [])
            filters = [one for part in partial for one in part["filters"]]
            yield uid_of(entry["user"]), uid_of(entry["permission"]), uid_of(entry["url"]), filters


def read_form(folder: Path) -> LoadedForm:
    """Read a folder. Links of the asset are taken off their origin, rows stay as they are."""
    text = (folder / "asset.json").read_bytes()
    parts = urlsplit(orjson.loads(text)["url"])
    origin = f"{parts.scheme}://{parts.netloc}"
    versions = (folder / "versions.json").read_bytes()
    with gzip.open(folder / "submissions.jsonl.gz") as lines:
        rows = [orjson.loads(line) for line in lines]
    asset = _unlinked(text, origin)
    return LoadedForm(
        asset=asset,
        versions=_unlinked(versions, origin)["detail"],
        rows={row["_id"]: row for row in rows},
        origin=origin,
        history=_history(folder / "history.json"),
        files=_files(asset, _contents(folder / "files")),
        attachments=_contents(folder / "attachments"),
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def _files(asset: dict[str, Any], contents: dict[str, bytes]) -> list[AssetFile]:
    """Return the files of the form; those without content keep the digest they came with."""
    return [
        AssetFile(
            uid=entry["uid"],
            username=entry["user__username"],
            file_type=entry["file_type"],
            description=entry["description"],
            created=datetime.fromisoformat(entry["date_created"]),
            filename=entry["metadata"]["filename"],
            content=contents.get(entry["uid"], b""),
            redirect_url=entry["metadata"].get("redirect_url"),
            known_digest=None if entry["uid"] in contents else entry["metadata"]["hash"],
        )
        for entry in asset["files"]
    ]


def _history(path: Path) -> list[Entry]:
    if not path.exists():
        return []
    return [read_entry(entry) for entry in orjson.loads(path.read_bytes())["results"]]


def _unlinked(text: bytes, origin: str) -> dict[str, Any]:
    answer: dict[str, Any] = orjson.loads(text.replace(origin.encode(), BASE.encode()))
    return answer
