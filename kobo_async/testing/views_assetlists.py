"""Short forms of the list of assets (observed §3)."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from kobo_async.testing.access import signed_in
from kobo_async.testing.messages import Reply, json_reply
from kobo_async.testing.views import Asked, Handler, View
from kobo_async.testing.views_assets import metadata_of, selected


def _hash(asked: Asked) -> Reply:
    """Answer with what changes whenever a form of the user does."""
    signed_in(asked)
    versions = sorted(str(one["version_id"]) for one in selected(asked))
    digest = hashlib.md5("".join(versions).encode())  # noqa: S324 - what the API shows
    return json_reply({"hash": digest.hexdigest()})


def _metadata(asked: Asked) -> Reply:
    return json_reply(metadata_of(selected(asked)))


def _counts(asked: Asked) -> Reply:
    return counted(selected(asked))


def counted(found: list[dict[str, Any]]) -> Reply:
    """Return how many assets are in which state."""
    counts = Counter(one["deployment_status"] for one in found)
    names = ("deployed", "archived", "draft")
    return json_reply({f"{name}_count": counts[name] for name in names})


def _minimal(asked: Asked) -> Reply:
    return shortened(asked, selected(asked))


def shortened(asked: Asked, found: list[dict[str, Any]]) -> Reply:
    """Return one page with little about each asset, and without a count."""
    keys = ("uid", "name", "deployment_status")
    return asked.uncounted(found, lambda one: {key: one[key] for key in keys})


def _view(handler: Handler) -> View:
    return View(allow="GET, HEAD, OPTIONS", handlers={"GET": handler})


HASH = _view(_hash)
METADATA = _view(_metadata)
COUNTS = _view(_counts)
MINIMAL = _view(_minimal)
