"""A form as those see it who may submit to it, and nothing else.

Its asset is hidden from them (`observed §8`). What they get is what phones download: the XForm,
which tells what a submission must say of its form, and all paths that answers can have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import attrs

from kobo_async.errors import UnexpectedShape
from kobo_async.instance import FormIdentity
from kobo_async.pages import Sender
from kobo_async.resources.openrosa import OpenRosa
from kobo_async.xmlread import Element, read


@attrs.frozen
class ListedForm:
    """What an XForm tells: its identity, and the paths of its groups and questions."""

    identity: FormIdentity
    paths: Collection[str]


async def listed_form(sender: Sender, uid_asset: str) -> ListedForm | None:
    """Fetch a form from the list of those that the caller may submit to; None if it is not there.

    Permission: `add_submissions`.
    """
    openrosa = OpenRosa(sender)
    for entry in await openrosa.form_list(form_id=uid_asset):
        if entry.number is not None:
            return read_xform(await openrosa.form_xml(entry.number), uid_asset)
    return None


def read_xform(document: bytes, uid_asset: str) -> ListedForm:
    """Read what an XForm tells.

    Raises:
        ReplyError: for what is no XForm of this server.
    """
    head = read(document).first("head")
    model = head.first("model") if head else None
    instance = model.first("instance") if model else None
    if model is None or instance is None or not instance.children:
        raise UnexpectedShape("an XForm without a model")
    root = instance.children[0]
    fixed = {
        bind.attributes.get("nodeset", ""): bind.attributes.get("calculate", "").strip("'")
        for bind in model.all("bind")
    }
    uuid = fixed.get(f"/{root.name}/formhub/uuid")
    if not uuid:
        raise UnexpectedShape("an XForm that does not tell its formhub/uuid")
    identity = FormIdentity(uid_asset, uuid, fixed.get(f"/{root.name}/__version__"))
    return ListedForm(identity, dict.fromkeys(_paths(root, "")))


def _paths(parent: Element, above: str) -> Iterator[str]:
    for child in parent.children:
        yield f"{above}{child.name}"
        yield from _paths(child, f"{above}{child.name}/")
