"""Writes HTML. Text is escaped wherever it goes; only `tag` and `inert` make HTML."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import orjson

EMPTY: Final = frozenset({"link", "meta"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | int | bool | None) -> Html:
    """Make an element.

    Attributes are written with `_` for `-`, and with one at the end where Python has the name
    for itself: `class_="card"`, `aria_label="…"`. True stands alone, None and False are left out.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in EMPTY:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: str) -> Html:
    """Put text and elements one after the other."""
    return Html("".join(c if isinstance(c, Html) else escape(c) for c in children))


def inert(value: Any) -> Html:
    """Write JSON for the inside of a `script` element, which nothing in it can end."""
    text = orjson.dumps(value).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Html(text)
