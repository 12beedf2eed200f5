"""Where settings come from: arguments, environment, file, keyring."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from kobo_async.config import keyring
from kobo_async.config.addresses import server_address
from kobo_async.config.credentials import Bearer, Credentials, Hidden, Password, Secret, Token
from kobo_async.config.settings import Settings
from kobo_async.errors import ConfigError


def load(
    server: str | None = None,
    *,
    credentials: Credentials | None = None,
    profile: str | None = None,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **others: Any,
) -> Settings:
    """Put settings together from arguments, environment, file and keyring.

    Raises:
        ConfigError: when server or credentials are missing or cannot work.
    """
    environ = Hidden(os.environ if environ is None else environ)
    needed = profile or config or not (server and credentials)
    known = _profile(environ, profile, config) if needed else Hidden()
    places = [
        _Place(environ.get("KOBO_URL"), environ.get("KOBO_OPENROSA"), environ, _from_environment),
        _Place(known.get("server"), known.get("openrosa"), known, _from_profile),
    ]
    if profile:
        places.reverse()
    chosen = server or places[0].server or places[1].server
    if not chosen:
        raise ConfigError("no server: give one, set KOBO_URL, or write a profile")
    near = [place for place in places if place.belongs_to(chosen)]
    for place in near:
        credentials = credentials or place.credentials()
    credentials = credentials or _from_keyring(server_address(chosen))
    beside = known if _belongs(known.get("server"), chosen) else Hidden()
    others.setdefault("openrosa", next((one.openrosa for one in near if one.openrosa), None))
    unencrypted = environ.get("KOBO_ALLOW_HTTP") or beside.get("allow_http")
    others.setdefault("allow_http", _truth(unencrypted))
    others.setdefault("http", environ.get("KOBO_HTTP") or beside.get("http") or "httpx")
    return Settings(server=chosen, credentials=credentials, **others)


@attrs.frozen
class _Place:
    """A place where settings stand; its credentials go to no other server."""

    server: str | None
    openrosa: str | None
    _values: Hidden
    _read: Callable[[Hidden], Credentials | None]

    def belongs_to(self, server: str) -> bool:
        return _belongs(self.server, server)

    def credentials(self) -> Credentials | None:
        return self._read(self._values)


def _belongs(home: str | None, server: str) -> bool:
    return not home or server_address(home) == server_address(server)


def _truth(value: object) -> bool:
    return str(value).lower() in {"1", "true", "yes"}


def _from_environment(env: Hidden) -> Credentials | None:
    if env.get("KOBO_TOKEN"):
        return Token(Secret(env["KOBO_TOKEN"]))
    if env.get("KOBO_BEARER"):
        return Bearer(Secret(env["KOBO_BEARER"]))
    if env.get("KOBO_USERNAME") and env.get("KOBO_PASSWORD"):
        return Password(env["KOBO_USERNAME"], Secret(env["KOBO_PASSWORD"]))
    return None


def _from_profile(known: Hidden) -> Credentials | None:
    if "token_file" in known:
        return Token(read_private(Path(str(known["token_file"])).expanduser()))
    if "token" in known:
        return Token(Secret(known["token"]))
    if "username" in known and "password" in known:
        return Password(known["username"], Secret(known["password"]))
    return None


def _from_keyring(server: str) -> Credentials:
    if token := keyring.remembered(server):
        return Token(token)
    raise ConfigError(
        f"no credentials for {server}: give a token, set KOBO_URL and KOBO_TOKEN, write a profile, "
        "or use `kobo-async login`. Without any, the server answers with empty lists, not with an "
        "error"
    )


def config_path(env: Mapping[str, str]) -> Path:
    """Tell where the settings file is looked for."""
    if path := env.get("KOBO_CONFIG"):
        return Path(path).expanduser()
    base = env.get("XDG_CONFIG_HOME") or env.get("APPDATA") or "~/.config"
    return Path(base).expanduser() / "kobo-async" / "config.toml"


def _profile(env: Hidden, name: str | None, path: Path | None) -> Hidden:
    name = name or env.get("KOBO_PROFILE")
    asked = name or path or env.get("KOBO_CONFIG")
    path = path or config_path(env)
    if not asked and not path.exists():
        return Hidden()
    document = _parse(path)
    name = name or document.get("default")
    if name is None:
        return Hidden()
    profiles = document.get("profiles")
    tables = Hidden(profiles if isinstance(profiles, Hidden) else {})
    if not isinstance(tables.get(name), Hidden):
        raise ConfigError(f"{path} has no profile {name!r}; it has {', '.join(tables) or 'none'}")
    return Hidden(tables[name])


def _parse(path: Path) -> Hidden:
    try:
        return _hide(tomllib.loads(read_private(path).reveal()))
    except tomllib.TOMLDecodeError as error:
        problem = str(error)  # the error itself holds the text, and so the secrets
    raise ConfigError(f"{path} is not valid TOML: {problem}")


def _hide(table: Mapping[str, Any]) -> Hidden:
    return Hidden(
        {name: _hide(value) if isinstance(value, dict) else value for name, value in table.items()}
    )


def read_private(path: Path) -> Secret:
    """Read a file that may hold a secret, refusing one that others can read."""
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigError(f"{path} can be read by other users; run: chmod 600 {path}")
        return Secret(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        problem = str(error)
    raise ConfigError(f"{path} cannot be read: {problem}")
