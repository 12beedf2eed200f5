"""What a server tells about itself (`/api/v2/environment/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import Op
from kobo_async.models.account import Environment
from kobo_async.pages import Sender

GET = Op("GET", "/api/v2/environment/", Environment)


@attrs.frozen
class ServerEnvironment:
    """Settings of the server that everyone may read."""

    _sender: Sender

    async def get(self) -> Environment:
        """Fetch the server's public settings. Permission: none needed."""
        return await self._sender.send(GET.at())
