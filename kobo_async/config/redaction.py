"""Secrets taken out of what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from kobo_async.config.credentials import Secret

MASK: Final = "***"
HEADER: Final = re.compile(
    r"\b(Token|Bearer|Basic)(\s+|%20)(?:[\w.~+/=-]{20,}|(?=[\w.~+/-]*[\d=])[\w.~+/=-]{8,})",
    re.IGNORECASE,
)
"""What stands in an `Authorization` header, whoever's it is; words of a sentence do not."""


def redacted(secrets: Iterable[Secret], value: Any) -> Any:
    """Return the same with secrets masked, wherever they stand in it."""
    match value:
        case str():
            for secret in secrets:
                value = value.replace(secret.reveal(), MASK)
        case Mapping():
            return {redacted(secrets, key): redacted(secrets, one) for key, one in value.items()}
        case list() | tuple():
            return [redacted(secrets, inner) for inner in value]
    return value


def without_headers(text: str) -> str:
    """Return a text with the credentials of headers masked, also where they are not known."""
    return HEADER.sub(rf"\1\2{MASK}", text)
