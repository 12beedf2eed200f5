"""Filled-in forms as the XML that OpenRosa servers store (`api-facts §7`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import uuid4
from xml.dom import minidom
from xml.sax.saxutils import escape, quoteattr

import attrs

from kobo_async import xmlread
from kobo_async.errors import QueryError
from kobo_async.payloads import answers

Answers: TypeAlias = Mapping[str, Any]
"""By full path, as rows have them: `{"group/question": "x", "repeat": [{"repeat/age": 3}]}`."""


@attrs.frozen
class FormIdentity:
    """What a submission says of its form: the uid, `deployment__uuid` and the version's uid."""

    uid: str
    formhub_uuid: str
    version: str | None = None


def new_instance_id() -> str:
    """Make up the id that lets the server recognise a submission sent twice."""
    return f"uuid:{uuid4()}"


def build(form: FormIdentity, given: Answers, instance_id: str) -> bytes:
    """Write a new submission.

    Raises:
        QueryError: for paths and values that cannot be stored.
    """
    tree: dict[str, Any] = {"formhub": {"uuid": form.formhub_uuid}}
    _plant(tree, given, "")
    if form.version:
        tree["__version__"] = form.version
    tree["meta"] = {"instanceID": instance_id}
    opening = f"{form.uid} id={quoteattr(form.uid)}"
    body = "".join(_elements(tree))
    return f"<?xml version='1.0' ?><{opening}>{body}</{form.uid}>".encode()


def _plant(tree: dict[str, Any], given: Answers, above: str) -> None:
    for path, value in given.items():
        local = path.removeprefix(above)
        *groups, name = local.split("/")
        place = tree
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = _value(path, value)


def _value(path: str, value: Any) -> Any:
    if isinstance(value, Sequence) and value and isinstance(value[0], Mapping):
        return [_instance(path, one) for one in value]
    return answers({path: value})[path]


def _instance(path: str, given: Answers) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for inner in given:
        if not inner.startswith(f"{path}/"):
            raise QueryError(f"{inner!r} stands in {path!r}: write '{path}/{inner}'")
    _plant(tree, given, f"{path}/")
    return tree


def _elements(tree: Mapping[str, Any]) -> Iterator[str]:
    for name, value in tree.items():
        for one in value if isinstance(value, list) else [value]:
            inner = "".join(_elements(one)) if isinstance(one, Mapping) else escape(one)
            yield f"<{name}>{inner}</{name}>"


def edited(document: bytes, changes: Answers, instance_id: str) -> bytes:
    """Write the next version of a stored submission.

    Only the answers named in `changes` differ; `None` empties one. `members[2]/age` names the
    second instance of a repeat, and a list of instances replaces the whole repeat. What no change
    names stays as it is, byte for byte but for spelling of the XML.

    Raises:
        MalformedReply: for XML with a document type, or that is not well-formed.
        QueryError: for paths and values that cannot be stored.
    """
    xmlread.read(document)
    root = _parsed(document)
    for path, value in changes.items():
        _change(root, path, "" if value is None else _value(path, value))
    meta = _step(root, "meta")
    current = _text_of(_step(meta, "instanceID"))
    _write(_step(meta, "deprecatedID"), current)
    _write(_step(meta, "instanceID"), instance_id)
    return b"<?xml version='1.0' ?>" + root.toxml().encode()


def _parsed(document: bytes | str) -> minidom.Element:
    root = minidom.parseString(document).documentElement  # noqa: S318 - types were refused before
    assert root is not None, "the reader before has seen a root"
    return root


def _change(root: minidom.Element, path: str, value: Any) -> None:
    *groups, name = path.split("/")
    parent = root
    for group in groups:
        parent = _step(parent, group)
    if not isinstance(value, list):
        _write(_step(parent, name), value)
        return
    for old in _named(parent, name):
        parent.removeChild(old)
    for one in value:
        parent.appendChild(_parsed(f"<{name}>{''.join(_elements(one))}</{name}>"))


def _step(parent: minidom.Element, step: str) -> minidom.Element:
    """Find a child by local name and position, making it where it is missing."""
    name, _, index = step.rstrip("]").partition("[")
    found = _named(parent, name)
    place = int(index or 1) - 1
    if place < len(found):
        return found[place]
    if index and place > len(found):
        raise QueryError(f"there are {len(found)} instances of {name!r}, none to become {step!r}")
    prefix = parent.tagName.rpartition(":")[0] if name in {"instanceID", "deprecatedID"} else ""
    tag = f"{prefix}:{name}" if prefix else name
    return parent.appendChild(minidom.Document().createElement(tag))


def _named(parent: minidom.Element, name: str) -> list[minidom.Element]:
    return [
        node
        for node in parent.childNodes
        if node.nodeType == node.ELEMENT_NODE and node.tagName.rpartition(":")[2] == name
    ]


def _text_of(element: minidom.Element) -> str:
    return "".join(node.data for node in element.childNodes if node.nodeType == node.TEXT_NODE)


def _write(element: minidom.Element, text: str) -> None:
    while element.firstChild is not None:
        element.removeChild(element.firstChild)
    if text:
        element.appendChild(minidom.Document().createTextNode(text))
