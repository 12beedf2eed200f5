"""Pieces of the path table."""

from __future__ import annotations

from typing import Final

V2: Final = "/api/v2"
ASSET: Final = rf"{V2}/assets/(?P<asset>[^/.]+)"
ROW: Final = rf"{ASSET}/data/(?P<row>[^/.]+)"
SUFFIX: Final = r"(?:\.(?P<suffix>[a-z0-9]+)/?|/)$"
SLASH: Final = "/$"
