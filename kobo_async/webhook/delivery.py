"""Reads what a REST service posts, to learn which submission is meant.

A REST service posts a submission as JSON or XML, a few of its fields, or a text of its own in which
the submission stands somewhere (`api-facts §4.11`). It signs nothing, and repeats what is old by
then. So nothing of it is data: it only says which submission to fetch.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from kobo_async.errors import MalformedReply
from kobo_async.known import bare
from kobo_async.xmlread import Element, read

Kind: TypeAlias = Literal["json", "xml"]
LABEL: Final = "delivery"
LARGEST: Final = 10 * 1024 * 1024
"""Bytes; the server takes no larger submissions (`api-facts §7`)."""
MOST_TAGS: Final = 200_000
LONGEST_UUID: Final = 249
ROOT_UUID: Final = "meta/rootUuid"
FORM: Final = "_xform_id_string"


@attrs.frozen
class Delivery:
    """What was posted.

    Attributes:
        root_uuid: the submission, without `uuid:`; None where the payload does not say it.
        id: its `_id`; None where the payload does not say it, as XML never does.
        form_id_string: what the form is called in submissions; may be empty.
        kind: `json` or `xml`.
        digest: of the bytes.
        payload: what was read; JSON values, or the root element.
    """

    root_uuid: str | None
    id: int | None
    form_id_string: str
    kind: Kind
    digest: str
    payload: Any = attrs.field(repr=False, eq=False)


def parse(body: bytes, content_type: str = "") -> Delivery:
    """Read a payload of any kind.

    Raises:
        MalformedReply: for what is neither JSON nor XML, too large, too deep, has a key twice or
            declares a document type.
    """
    if len(body) > LARGEST:
        raise MalformedReply(f"more than {LARGEST} bytes", LABEL)
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    if _kind(body, content_type) == "xml":
        return _of_xml(_read_xml(body), digest)
    return _of_json(_read_json(body), digest)


def _kind(body: bytes, content_type: str) -> Kind:
    """Tell the format; headers of one's own may have replaced the content type."""
    media_type = content_type.partition(";")[0].lower()
    for kind in ("json", "xml"):
        if kind in media_type:
            return kind
    return "xml" if body.lstrip().startswith(b"<") else "json"


def _read_json(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise MalformedReply("JSON that is too deep", LABEL) from None
    except ValueError as error:
        raise MalformedReply(f"not JSON: {type(error).__name__}", LABEL) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedReply("JSON with a key that stands twice", LABEL)
    return found


def _refuse(constant: str) -> Any:
    raise MalformedReply(f"{constant} is not JSON", LABEL)


def _read_xml(body: bytes) -> Element:
    if body.count(b"<") > MOST_TAGS:
        raise MalformedReply(f"XML with more than {MOST_TAGS} tags", LABEL)
    return read(body, LABEL)


def _of_json(payload: Any, digest: str) -> Delivery:
    objects = list(_objects(payload))
    known = [one for one in objects if ROOT_UUID in one]
    known += [one for one in objects if "_id" in one or FORM in one]
    row = known[0] if known else {}
    number, form = row.get("_id"), row.get(FORM)
    return Delivery(
        root_uuid=_uuid(row.get(ROOT_UUID)),
        id=number if type(number) is int else None,
        form_id_string=form if isinstance(form, str) else "",
        kind="json",
        digest=digest,
        payload=payload,
    )


def _objects(payload: Any) -> Iterator[Mapping[str, Any]]:
    """Walk all objects, the outer ones first."""
    ahead = deque([payload])
    while ahead:
        value = ahead.popleft()
        if isinstance(value, dict):
            yield value
            ahead.extend(value.values())
        elif isinstance(value, list):
            ahead.extend(value)


def _of_xml(root: Element, digest: str) -> Delivery:
    """Read a submission as it was sent: the root uuid stands in it only after an edit, maybe."""
    meta = root.first("meta")
    names = meta.texts() if meta else {}
    first = None if "deprecatedID" in names else names.get("instanceID")
    return Delivery(
        root_uuid=_uuid(names.get("rootUuid") or first),
        id=None,
        form_id_string=root.attributes.get("id", ""),
        kind="xml",
        digest=digest,
        payload=root,
    )


def _uuid(text: Any) -> str | None:
    """Take what can be a uuid; duplicates of old have other words in it (`api-facts §3.4`)."""
    if not isinstance(text, str):
        return None
    uuid = bare(text)
    usable = uuid.isprintable() and " " not in uuid and 0 < len(uuid) <= LONGEST_UUID
    return uuid if usable else None
