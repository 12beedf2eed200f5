"""A submission as clients send it, and the answers in it (observed §4, §12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree as ET

import attrs

from kobo_async.testing.rowlife import digest_of

_MEDIA: Final = frozenset({"image", "audio", "video", "file", "background-audio"})
_ALWAYS_KEPT: Final = re.compile(r".*\.enc|audit\.csv|\d{10,}\.(?:m4a|amr)")


class UnreadableError(Exception):
    """Not XML, or XML that declares entities."""


@attrs.frozen
class Sent:
    """A submission.

    Attributes:
        digest: of the bytes; the same submission again has the same.
    """

    root: ET.Element
    digest: str

    @property
    def form_id(self) -> str:
        """What the root element names."""
        return self.root.get("id", "")

    @property
    def form_uuid(self) -> str:
        """What names the form first of all."""
        return self._text("formhub/uuid")

    @property
    def instance_id(self) -> str:
        """The uuid, without its prefix."""
        return self._text("meta/instanceID").removeprefix("uuid:")

    @property
    def deprecated_id(self) -> str:
        """The uuid of what is edited, '' for a new submission."""
        return self._text("meta/deprecatedID").removeprefix("uuid:")

    @property
    def submitted(self) -> datetime | None:
        """A time of submission that overrides the clock (api-facts §3.6)."""
        text = self.root.get("submissionDate")
        if not text:
            return None
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)

    def _text(self, path: str) -> str:
        node = self.root
        for name in path.split("/"):
            found = next((child for child in node if _local(child) == name), None)
            if found is None:
                return ""
            node = found
        return (node.text or "").strip()

    def answers(self, repeats: Iterable[str]) -> dict[str, Any]:
        """Return the answers by path: repeats are lists, what is empty has no key."""
        row: dict[str, Any] = {}
        _fill(row, self.root, "", frozenset(repeats))
        return row


def parse_xml(xml: bytes) -> Sent:
    """Read XML.

    Raises:
        UnreadableError: unless it is XML without a document type.
    """
    if b"<!DOCTYPE" in xml:
        raise UnreadableError
    try:
        root = ET.fromstring(xml)  # noqa: S314 - no document type, so no entities
    except ET.ParseError:
        raise UnreadableError from None
    return Sent(root, digest_of(xml))


def from_json(form_id: str, submission: Any) -> Sent:
    """Read a submission that was sent as JSON: groups are objects, repeats lists of objects."""
    root = next(_elements(form_id, submission))
    root.set("id", form_id)
    return Sent(root, digest_of(ET.tostring(root)))


def _elements(name: str, value: Any) -> Iterator[ET.Element]:
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for one in value:
            yield from _elements(name, one)
        return
    element = ET.Element(name)
    if isinstance(value, dict):
        for key, inner in value.items():
            element.extend(_elements(key, inner))
    elif isinstance(value, list):
        element.text = " ".join(str(one) for one in value)
    elif value is not None:
        element.text = str(value)
    yield element


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _fill(row: dict[str, Any], node: ET.Element, prefix: str, repeats: frozenset[str]) -> None:
    for child in node:
        path = f"{prefix}{_local(child)}"
        if path in repeats:
            item: dict[str, Any] = {}
            _fill(item, child, f"{path}/", repeats)
            if item:
                row.setdefault(path, []).append(item)
        elif len(child):
            _fill(row, child, f"{path}/", repeats)
        elif child.text and child.text.strip():
            row[path] = child.text


class MediaNames:
    """Which files a row names, and where."""

    def __init__(self, content: dict[str, Any], row: dict[str, Any]) -> None:
        survey = content.get("survey", [])
        paths = {question["$xpath"] for question in survey if question["type"] in _MEDIA}
        self._has_questions = bool(paths)
        self._places = dict(_media(row, "", paths))

    def keeps(self, name: str) -> bool:
        """Tell whether a file is shown: one that no answer names is not, as a rule."""
        known = name in self._places or _ALWAYS_KEPT.fullmatch(name) is not None
        return known or not self._has_questions

    def place(self, name: str) -> str:
        """Return the `question_xpath` of a file."""
        return self._places.get(name, "")


def _media(row: dict[str, Any], shown: str, paths: set[str]) -> Iterator[tuple[str, str]]:
    """Yield file names and paths, with the places of the instances of repeats in them."""
    for path, value in row.items():
        if isinstance(value, str) and path in paths:
            yield value, f"{shown}{path.rpartition('/')[2]}" if shown else path
        elif isinstance(value, list) and not path.startswith("_"):
            for place, item in enumerate(value, start=1):
                if isinstance(item, dict):
                    yield from _media(item, f"{shown or ''}{_tail(path, shown)}[{place}]/", paths)


def _tail(path: str, shown: str) -> str:
    return path.rpartition("/")[2] if shown else path
