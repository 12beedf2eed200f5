"""Settings, and where they come from: arguments > environment > file > preset.

Environment: `KOBO_URL`, `KOBO_TOKEN`, `KOBO_USERNAME` and `KOBO_PASSWORD`, `KOBO_BEARER`,
`KOBO_PROFILE`, `KOBO_CONFIG` (path of the file), `KOBO_ALLOW_HTTP`.

The file is TOML, by default `kobo-async/config.toml` in the user's configuration folder:

    default = "work"

    [profiles.work]
    server = "eu"                  # a preset, or an address
    token_file = "~/.kobo-token"   # or token = "…"
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

import attrs

from kobo_async._version import __version__
from kobo_async.errors import ConfigError

PRESETS: Final[Mapping[str, tuple[str, str]]] = {
    "global": ("https://kf.kobotoolbox.org", "https://kc.kobotoolbox.org"),
    "eu": ("https://eu.kobotoolbox.org", "https://kc-eu.kobotoolbox.org"),
}
SHARED_SERVER_CAP = 8
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@attrs.frozen(repr=False)
class Secret:
    """A string that does not show itself."""

    _value: str = attrs.field(validator=attrs.validators.instance_of(str))

    def reveal(self) -> str:
        """Return the string."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__


def _hidden(value: str | Secret) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)


def _token(value: str | Secret) -> Secret:
    text = _hidden(value).reveal().strip()
    if not text:
        raise ConfigError("the token is empty")
    if " " in text:
        raise ConfigError("give the token alone, without 'Token' or 'Bearer' before it")
    if not text.isprintable() or not text.isascii():
        raise ConfigError("the token holds characters that cannot go into an HTTP header")
    return Secret(text)


@attrs.frozen
class Token:
    """An API token, from the account settings or `GET /token/`."""

    secret: Secret = attrs.field(converter=_token)


@attrs.frozen
class Bearer:
    """An OAuth2 access token. An API token does not work here: it would read as nobody."""

    secret: Secret = attrs.field(converter=_token)


@attrs.frozen
class Password:
    """User name and password, exchanged once for the API token.

    Refused by the server where the account has two-factor authentication: use a token there.
    """

    username: str
    secret: Secret = attrs.field(converter=_hidden)


@attrs.frozen
class Anonymous:
    """Nobody, on purpose: public projects only."""


Credentials: TypeAlias = Token | Bearer | Password | Anonymous


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How long to insist. Both bounds hold: the first one reached ends the attempts."""

    attempts: int = 6
    deadline: float = 600.0
    first_wait: float = 0.5
    longest_wait: float = 30.0
    longest_pause: float = 180.0
    """A `Retry-After` above this many seconds is not waited for."""
    attempts_on_fault: int = 3
    """Internal errors and garbled replies are seldom cured by repetition."""


@attrs.frozen(kw_only=True)
class Concurrency:
    """Requests at the same time: where to start, and the most to try."""

    start: int = 4
    cap: int = 16

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.start <= self.cap:
            raise ConfigError(
                f"concurrency must be 1 <= start <= cap, not {self.start}, {self.cap}"
            )

    @classmethod
    def up_to(cls, cap: int) -> Concurrency:
        """Allow up to `cap` requests at the same time, starting with at most four."""
        return cls(start=min(4, cap), cap=cap)

    @classmethod
    def fixed(cls, limit: int) -> Concurrency:
        """Begin with `limit` requests at the same time and never try more."""
        return cls(start=limit, cap=limit)


@attrs.frozen(kw_only=True)
class Timeouts:
    """Seconds. The server itself gives a request 120 s (`api-facts §3.8`)."""

    connect: float = 10.0
    read: float = 130.0
    """Between two pieces of a reply."""
    write: float = 60.0
    total: float = 600.0
    """For one attempt as a whole, however slowly it trickles."""


@attrs.frozen(kw_only=True)
class BreakerPolicy:
    """After `failures` failed attempts in a row nothing is sent for `cooldown` seconds."""

    failures: int = 20
    cooldown: float = 15.0


def _server(value: str) -> str:
    address = PRESETS[value][0] if value in PRESETS else value
    return _origin(address, "server")


def _origin(address: str, what: str) -> str:
    """Normalise an address to scheme, host, port and path prefix, without trailing slash."""
    parts = _split(address, what)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{what} must look like https://kf.kobotoolbox.org, not {address!r}")
    if parts.username or parts.password:
        raise ConfigError(f"{what} must not hold a user name or password")
    if parts.query or parts.fragment:
        raise ConfigError(f"{what} must be a bare address, not {address!r}")
    path = parts.path.rstrip("/")
    for suffix in ("/api/v2", "/api"):
        path = path.removesuffix(suffix)
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def _split(address: str, what: str) -> SplitResult:
    try:
        parts = urlsplit(address.strip())
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"{what} is not an address: {address!r}") from error
    return parts


@attrs.frozen(kw_only=True)
class Settings:
    """Everything a client needs to know before it sends anything.

    Attributes:
        server: address of the KPI server, or the name of a preset (`global`, `eu`).
        credentials: who asks.
        openrosa: address for submissions and form lists; None asks the server's environment.
        allow_http: send credentials over an unencrypted connection that leaves this machine.
        verify: TLS verification: True, or the path of a CA bundle.
    """

    server: str = attrs.field(converter=_server)
    credentials: Credentials
    openrosa: str | None = None
    allow_http: bool = False
    verify: bool | str = True
    user_agent: str = f"kobo_async/{__version__}"
    concurrency: Concurrency = attrs.field()
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    breaker: BreakerPolicy = attrs.field(factory=BreakerPolicy)

    @concurrency.default
    def _polite(self) -> Concurrency:
        shared = self.server in {kpi for kpi, _ in PRESETS.values()}
        return Concurrency.up_to(SHARED_SERVER_CAP) if shared else Concurrency()

    def __attrs_post_init__(self) -> None:
        plain = self.server.startswith("http://")
        if plain and not (self.allow_http or urlsplit(self.server).hostname in LOOPBACK):
            raise ConfigError(
                f"{self.server} is not encrypted: everyone on the way can read the token. "
                "Use https://, or allow_http=True (KOBO_ALLOW_HTTP=1) on a network you trust"
            )


def load(
    server: str | None = None,
    *,
    credentials: Credentials | None = None,
    profile: str | None = None,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **others: Any,
) -> Settings:
    """Put settings together from arguments, environment and file.

    Raises:
        ConfigError: when server or credentials are missing or cannot work.
    """
    env = os.environ if environ is None else environ
    known = _profile(env, profile, config) if profile or not (server and credentials) else {}
    chosen = server or env.get("KOBO_URL") or known.get("server")
    if not chosen:
        raise ConfigError("no server: give one, set KOBO_URL, or write a profile")
    credentials = (
        credentials
        or _belonging(chosen, env.get("KOBO_URL"), _from_environment(env))
        or _belonging(chosen, known.get("server"), _from_profile(known))
    )
    if credentials is None:
        raise ConfigError(
            f"no credentials for {_server(chosen)}: give a token, set KOBO_URL and KOBO_TOKEN, or "
            "write a profile. Without any, the server answers with empty lists, not with an error"
        )
    others.setdefault("allow_http", _truth(env.get("KOBO_ALLOW_HTTP", known.get("allow_http"))))
    if "openrosa" in known:
        others.setdefault("openrosa", known["openrosa"])
    return Settings(server=chosen, credentials=credentials, **others)


def _belonging(
    server: str, home: str | None, credentials: Credentials | None
) -> Credentials | None:
    """Pass credentials on unless they stand beside the address of another server."""
    return credentials if home is None or _server(home) == _server(server) else None


def _truth(value: object) -> bool:
    return str(value).lower() in {"1", "true", "yes"}


def _from_environment(env: Mapping[str, str]) -> Credentials | None:
    if token := env.get("KOBO_TOKEN"):
        return Token(token)
    if bearer := env.get("KOBO_BEARER"):
        return Bearer(bearer)
    if env.get("KOBO_USERNAME") and env.get("KOBO_PASSWORD"):
        return Password(env["KOBO_USERNAME"], env["KOBO_PASSWORD"])
    return None


def _from_profile(known: Mapping[str, Any]) -> Credentials | None:
    if "token_file" in known:
        return Token(_read_private(Path(known["token_file"]).expanduser()).strip())
    if "token" in known:
        return Token(known["token"])
    if "username" in known and "password" in known:
        return Password(known["username"], known["password"])
    return None


def config_path(env: Mapping[str, str]) -> Path:
    """Tell where the settings file is looked for."""
    if path := env.get("KOBO_CONFIG"):
        return Path(path).expanduser()
    base = env.get("XDG_CONFIG_HOME") or env.get("APPDATA") or "~/.config"
    return Path(base).expanduser() / "kobo-async" / "config.toml"


def _profile(env: Mapping[str, str], name: str | None, path: Path | None) -> Mapping[str, Any]:
    name = name or env.get("KOBO_PROFILE")
    path = path or config_path(env)
    if not path.exists():
        if name:
            raise ConfigError(f"profile {name!r} is asked for, but there is no file {path}")
        return {}
    document = _parse(path)
    profiles = document.get("profiles", {})
    name = name or document.get("default")
    if name is None:
        return {}
    if not isinstance(profiles, dict) or not isinstance(profiles.get(name), dict):
        raise ConfigError(f"{path} has no profile {name!r}; it has {', '.join(profiles) or 'none'}")
    return dict(profiles[name])


def _parse(path: Path) -> Mapping[str, Any]:
    text = _read_private(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def _read_private(path: Path) -> str:
    """Read a file that may hold a secret, refusing one that others can read."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path} can be read by other users; run: chmod 600 {path}")
    return text
