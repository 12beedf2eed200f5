"""Where a server's two sites live: KPI, and the one that takes submissions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urljoin, urlsplit

import anyio
import attrs

from kobo_async.call import Site
from kobo_async.config import PRESETS, Settings, leaves_unencrypted, normalised
from kobo_async.config.addresses import PORTS
from kobo_async.errors import ConfigError, ConnectFailed, KoboError
from kobo_async.transport.http import Http, Request
from kobo_async.wire import rebase

OPENROSA: Final = "x-openrosa-version"
HARMLESS: Final = ("Accept", "Accept-Encoding", "Range")
"""Headers that other origins are shown."""


class Sites:
    """Addresses of one server.

    The OpenRosa address comes from the settings, from the preset, or from `discover`, which asks
    the server. What the server takes for its address may be nobody's, or somebody else's, from
    here: in networks behind a proxy, inside containers, under a path of its own. Then the server
    itself takes submissions: all paths exist on both hosts (`api-facts §7`). These two origins are
    the only ones that are ever shown credentials.
    """

    def __init__(
        self, settings: Settings, discover: Callable[[], Awaitable[str]], http: Http
    ) -> None:
        self._settings = settings
        self._discover = discover
        self._http = http
        self._openrosa = settings.openrosa or dict(PRESETS.values()).get(settings.server)
        self._one_at_a_time = anyio.Lock()

    async def address(self, site: Site) -> str:
        """Return scheme, host and path prefix of a site, without trailing slash.

        Raises:
            ConfigError: when an encrypted server names an unencrypted OpenRosa address.
        """
        if site == "kpi":
            return self._settings.server
        async with self._one_at_a_time:
            if self._openrosa is None:
                self._openrosa = await self._reachable(self._trusted(await self._discover()))
            return self._openrosa

    def owns(self, url: str) -> bool:
        """Tell whether a URL lies on one of the sites."""
        known = [self._settings.server, self._openrosa or self._settings.server]
        return _origin(url) in {_origin(address) for address in known}

    def redirected(self, request: Request, location: str) -> Request | None:
        """Point a request at where a reply says; other origins are not shown the credentials.

        Behind a proxy the server takes itself for `http://` (`api-facts §2`): its own host keeps
        the configured scheme.

        Returns:
            None where there is nothing to follow: no address, or an unencrypted one behind an
            encrypted one.
        """
        try:
            url = self._rebased(urljoin(request.url, location))
            origin = _origin(url)
        except ValueError:
            return None
        secure = request.url.startswith("https:")
        if origin[0] not in {"https", "https" if secure else "http"} or "@" in urlsplit(url).netloc:
            return None
        kept = request.headers
        if not self.owns(url):
            kept = {name: kept[name] for name in HARMLESS if name in kept}
        return attrs.evolve(request, url=url, headers=kept)

    def _rebased(self, url: str) -> str:
        own = self._settings.server
        _, host, port = _origin(own)
        named = urlsplit(url)
        if named.hostname == host and named.port in {None, 80, port}:
            return own + rebase(url, own)
        return url

    async def _reachable(self, address: str) -> str:
        own = self._settings.server
        if address == own:
            return own
        taken = await self._takes_submissions(address)
        if taken is None or (not taken and await self._takes_submissions(own)):
            return own
        return address

    async def _takes_submissions(self, address: str) -> bool | None:
        """Knock, as nobody, where submissions go; None means that nobody is there."""
        url = f"{address}/submission"
        knock = Request(method="HEAD", url=url, headers={}, label=f"HEAD {url}")
        try:
            reply = await self._http.request(knock)
        except ConnectFailed:
            return None
        except KoboError:  # a reply that is none still comes from somebody
            return False
        challenge = reply.headers.get("www-authenticate", "")
        return OPENROSA in reply.headers or challenge.lower().startswith("digest")

    def _trusted(self, found: str) -> str:
        try:
            address = normalised(found, "openrosa")
        except ConfigError as error:
            raise ConfigError(
                f"the server names no OpenRosa address ({found!r}): set `openrosa`"
            ) from error
        if leaves_unencrypted(address) and not self._settings.allow_http:
            raise ConfigError(
                f"the server names {address} for submissions, which is not encrypted: "
                "set `openrosa` to an https address, or allow_http"
            )
        return address


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
