"""Where live tests work: a server, and a name under which everything they make is found again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import anyio
import attrs

from kobo_async import KoboClient, KoboError
from kobo_async.models.asset import Asset
from kobo_async.q import field

CLEANINGS = 60
"""How often it is tried, every few seconds, to leave nothing on a server that is in trouble."""


@attrs.frozen
class Target:
    """A server to test against, and what may be done to it.

    Attributes:
        openrosa: its address for submissions, where the one it names is wrong from here.
        ca: certificates to trust.
        uid: the project to read.
    """

    url: str
    token: str = attrs.field(repr=False)
    openrosa: str | None = None
    ca: str | None = None
    uid: str | None = None
    writable: bool = False
    fake: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """What a process of its own must be told."""
        told = {"KOBO_URL": self.url, "KOBO_TOKEN": self.token, "KOBO_ALLOW_HTTP": "1"}
        if self.openrosa:
            told["KOBO_OPENROSA"] = self.openrosa
        return told | ({"SSL_CERT_FILE": self.ca} if self.ca else {})

    def client(self, **credentials: Any) -> KoboClient:
        """Make a client of the account, or with other credentials."""
        return KoboClient(
            self.url,
            openrosa=self.openrosa,
            verify=self.ca or True,
            allow_http=True,
            **(credentials or {"token": self.token}),
        )


@attrs.frozen
class Workshop:
    """Assets that a test makes: all of them have `title` in their name, and nothing else does."""

    target: Target
    title: str = attrs.field(factory=lambda: f"kobo_async_{uuid4().hex[:12]}")

    async def left(self) -> Sequence[Asset]:
        """List what was made and is still there."""
        async with self.target.client() as client:
            return await self._found(client)

    async def clear(self) -> None:
        """Delete what was made, however the test ended and even if the server is in trouble."""
        with anyio.CancelScope(shield=True):
            for _ in range(CLEANINGS):
                if await self._is_clear():
                    return
                await anyio.sleep(5)
        raise RuntimeError(f"delete what is called {self.title!r} on {self.target.url} by hand")

    async def _is_clear(self) -> bool:
        try:
            async with self.target.client() as client:
                for asset in await self._found(client):
                    await client.assets.delete(asset.uid)
                return not await self._found(client)
        except KoboError:
            return False

    async def _found(self, client: KoboClient) -> Sequence[Asset]:
        found = await client.assets.list(q=field("name").contains(self.title)).all()
        return [asset for asset in found if self.title in asset.name]
