"""What must not be shown, taken out of what is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

MASK: Final = "•••"
SECRET: Final = frozenset(
    {"api_key", "authorization", "custom_headers", "password", "secret", "token"}
)
_LOGIN: Final = re.compile(r"(?<=://)[^/?#@]*@")
_QUERY: Final = re.compile(r"(?<=\?).+")


def masked(value: Any) -> Any:
    """Return the same JSON with passwords, tokens and headers masked."""
    if isinstance(value, Mapping):
        return {name: _hidden(name, inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [masked(inner) for inner in value]
    return value


def _hidden(name: str, value: Any) -> Any:
    if name == "endpoint" and isinstance(value, str):
        return shown_address(value)
    if name.lower() not in SECRET or not value:
        return masked(value)
    return dict.fromkeys(value, MASK) if isinstance(value, Mapping) else MASK


def shown_address(address: str) -> str:
    """Return a web address without what may open it: user, password, query."""
    return _QUERY.sub(MASK, _LOGIN.sub(f"{MASK}@", address))
