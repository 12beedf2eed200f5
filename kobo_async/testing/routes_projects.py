"""The paths of those who manage projects."""

from __future__ import annotations

from typing import Final

from kobo_async.testing import views_assetbulk, views_deployment
from kobo_async.testing.paths import ASSET, SLASH, V2
from kobo_async.testing.views import View

PATHS: Final[tuple[tuple[str, View], ...]] = (
    (rf"{V2}/assets/bulk{SLASH}", views_assetbulk.BULK),
    (rf"{ASSET}/deployment{SLASH}", views_deployment.DEPLOYMENT),
)
