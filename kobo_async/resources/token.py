"""The API token of an account (`/token/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import Op
from kobo_async.models.account import AccountToken
from kobo_async.pages import Sender

GET = Op("GET", "/token/", AccountToken)
CREATE = Op("POST", "/token/", AccountToken, repeatable=True)
DELETE = Op("DELETE", "/token/", type(None))


@attrs.frozen
class Tokens:
    """The caller's API token: one per account, without scopes, without expiry."""

    _sender: Sender

    async def get(self) -> str:
        """Fetch the caller's token; the server makes one where there is none.

        Permission: any account. Errors: AuthenticationFailed (`api-facts §1`).
        """
        return (await self._sender.send(GET.at(query={"format": "json"}))).token

    async def create(self) -> str:
        """Make a token where there is none, or return the one there is.

        Permission: any account. Errors: AuthenticationFailed.
        """
        return (await self._sender.send(CREATE.at())).token

    async def delete(self) -> None:
        """Revoke the caller's token. Permission: any account.

        Everything that uses it stops working at once, this client too if it sends it: get a new
        one with a password. Errors: NotFound where there is none.
        """
        await self._sender.send(DELETE.at())
