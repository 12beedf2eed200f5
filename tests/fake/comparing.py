"""What is compared between a recorded reply and one of the fake server."""

from __future__ import annotations

import re
from typing import Any

import httpx

EARLIER = {
    "assets_ordering__deployment_status": "equal values come in no order",
    "assets_ordering_settings__sector": "equal values come in no order",
    "asset_q_parent": "the collection had a child for a moment",
    "assets_format_minimal": "11 surveys existed for a moment",
    "data_of_archived": "the form had 41 rows",
    "perm_anon_data": "the form had 26 rows",
    "perm_bob_data": "the form had 26 rows",
    "sandbox_count_after": "the form had 26 rows",
    "sandbox_list": "the form had 30 rows",
    "val_in_data": "two rows had other states",
    "versions_list": "five versions of an asset that was deleted later",
    "version_retrieve": "the version of an asset that was deleted later",
}
"""Recordings whose counts, ids or links belong to a moment the data files do not hold."""

CHANGING = {"data_sharing", "deployment__links", "extra_details", "files", "_validation_status"}
"""Values that were changed by later calls: only their presence is compared."""

HEADERS = ("allow", "vary", "www-authenticate", "x-kobonaut", "location", "retry-after")
LATER = {"meta/deprecatedID", "nope"}
"""Keys that edits have added to rows since."""


def differences(name: str, recorded: dict[str, Any], reply: httpx.Response) -> list[str]:
    found = []
    if reply.status_code != recorded["status"]:
        found.append(f"status {reply.status_code} instead of {recorded['status']}")
    for header in ("content-type", *HEADERS):
        here, there = reply.headers.get(header), recorded["headers"].get(header)
        if here != there:
            found.append(f"{header}: {here!r} instead of {there!r}")
    if recorded["body_type"] == "json":
        found += compare_json(name, recorded, reply.json())
    elif recorded["body_type"] == "base64":
        found += [] if reply.content[:4] == b"\x89PNG" else ["no picture"]
    else:
        found += compare_text(recorded["body"], reply.text)
    return found


def compare_json(name: str, recorded: dict[str, Any], body: Any) -> list[str]:
    there = recorded["body"]
    if recorded["status"] >= 400:
        return [] if body == there else [f"body {body} instead of {there}"]
    if name in EARLIER:
        return shallow(there, body)
    found = [
        f"{key} {body.get(key)} instead of {there.get(key)}"
        for key in ("count", "next", "previous")
        if body.get(key) != there.get(key)
    ]
    for key in ("_id", "uid"):
        rows = there.get("results", [])
        if rows and key in rows[0]:
            listed = [row.get(key) for row in body["results"][: len(rows)]]
            if listed != [row[key] for row in rows]:
                found.append(f"{key}s {listed}")
    if name.startswith("environment"):
        return found + ([] if body.keys() == there.keys() else ["other keys"])
    return found + shape(there, body, "")


def shallow(there: dict[str, Any], here: dict[str, Any]) -> list[str]:
    """Compare the keys of the body and of its rows."""
    found = [] if there.keys() == here.keys() else [f"keys {there.keys() ^ here.keys()}"]
    for one, other in zip(there.get("results", []), here.get("results", []), strict=False):
        missing = (one.keys() ^ other.keys()) - LATER
        found += [f"row keys {missing}"] if missing else []
    return found


def shape(there: Any, here: Any, path: str) -> list[str]:
    """Compare keys and types; null stands for anything."""
    if there is None or here is None or path.rpartition("/")[2] in CHANGING:
        return []
    if isinstance(there, dict) and isinstance(here, dict):
        missing = there.keys() ^ here.keys()
        found = [f"{path}: keys {missing}"] if missing - LATER else []
        for key in there.keys() & here.keys():
            found += shape(there[key], here[key], f"{path}/{key}")
        return found
    if isinstance(there, list) and isinstance(here, list):
        found = [] if bool(there) == bool(here) else [f"{path}: empty"]
        for one, other in zip(there, here, strict=False):
            found += shape(one, other, path)
        return found
    numbers = isinstance(there, int | float) and isinstance(here, int | float)
    return [] if numbers or type(there) is type(here) else [f"{path}: {here!r} for {there!r}"]


def compare_text(there: str, here: str) -> list[str]:
    """Compare text: pages must be pages, XML must have the same elements in the same order."""
    kind = there.lstrip()[:9].lower()
    if kind == "<!doctype":
        return [] if here.lstrip()[:9].lower() == kind else [f"no page: {here[:80]!r}"]
    if kind.startswith("<?xml"):
        return [] if elements(there) == elements(here) else [f"other XML: {here[:2500]}"]
    if kind.startswith("pk\x03"):
        return [] if here.startswith("PK\x03") else ["no archive"]
    return [] if there == here else [f"text {here[:80]!r} instead of {there[:80]!r}"]


def elements(text: str) -> list[str]:
    text = re.sub(r"<(\w+)></\1>", r"<\1/>", text)
    text = re.sub(r"<deprecatedID>.*?</deprecatedID>", "", text)
    return re.findall(r"<[^>]+>", text)
