"""Pieces of the path table, and of links."""

from __future__ import annotations

from typing import Final

BASE: Final = "https://fake-kobo.invalid"
"""Stands for the server's origin in stored rows and assets."""
V2: Final = "/api/v2"
ASSET: Final = rf"{V2}/assets/(?P<asset>[^/.]+)"
ROW: Final = rf"{ASSET}/data/(?P<row>[^/.]+)"
SUFFIX: Final = r"(?:\.(?P<suffix>[a-z0-9]+)/?|/)$"
SLASH: Final = "/$"
