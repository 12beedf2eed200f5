"""The entries of `_attachments`."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from kobo_async.testing.paths import BASE

_SIZES: Final = ("large", "medium", "small")


def make_attachment(
    asset: dict[str, Any], number: int, uuid: str, name: str, mimetype: str, xpath: str
) -> dict[str, Any]:
    """Return the entry of a file that came with a submission."""
    folder = f"{asset['owner__username']}/attachments/{asset['deployment__uuid']}/{uuid}"
    uid = uid_of(number, uuid, name)
    url = f"{BASE}/api/v2/assets/{asset['uid']}/data/{number}/attachments/{uid}/"
    return entry_of(url, uid, f"{folder}/{name}", mimetype, xpath)


def entry_of(url: str, uid: str, filename: str, mimetype: str, xpath: str) -> dict[str, Any]:
    """Return an entry as rows hold it; pictures come in several sizes."""
    return {
        "download_url": url,
        "mimetype": mimetype,
        "filename": filename,
        "media_file_basename": filename.rpartition("/")[2],
        "uid": uid,
        "is_deleted": False,
        **(_sizes(url) if mimetype.startswith("image/") else {}),
        "question_xpath": xpath,
    }


def _sizes(url: str) -> dict[str, str]:
    return {f"download_{size}_url": f"{url}{size}/" for size in _SIZES}


def copy_attachment(entry: dict[str, Any], number: int, uuid: str) -> dict[str, Any]:
    """Return the entry of a copy of a file, in another row."""
    uid = uid_of(number, uuid, entry["media_file_basename"])
    head = entry["download_url"].partition("/data/")[0]
    url = f"{head}/data/{number}/attachments/{uid}/"
    folder, _, name = entry["filename"].rpartition("/")
    sizes = {key: link for key, link in _sizes(url).items() if key in entry}
    return {
        **entry,
        **sizes,
        "download_url": url,
        "filename": f"{folder.rpartition('/')[0]}/{uuid}/{name}",
        "uid": uid,
    }


def uid_of(number: int, uuid: str, name: str) -> str:
    """Return the uid of a file."""
    digest = hashlib.sha256(f"{number}/{uuid}/{name}".encode()).hexdigest()
    return f"att{digest[:21]}"
