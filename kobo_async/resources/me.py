"""The account behind the credentials (`/me/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import Op
from kobo_async.models.account import Me
from kobo_async.pages import Sender

GET = Op("GET", "/me/", Me)


@attrs.frozen
class Account:
    """The account that the credentials belong to."""

    _sender: Sender

    async def get(self) -> Me:
        """Fetch the caller's account.

        This is the way to check credentials: the asset list answers 200 to anyone
        (`observed §1`). Permission: any account. Errors: AuthenticationFailed.
        """
        return await self._sender.send(GET.at())
