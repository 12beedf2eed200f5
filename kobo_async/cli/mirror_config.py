"""The file that says which projects are mirrored: TOML with tables of servers and projects.

    [servers.eu]
    server = "eu"                      # a preset, or an address
    token_env = "KOBO_EU_TOKEN"        # or token_file, or profile

    [projects.wells]
    server = "eu"                      # needed where there are several
    uid = "aBcD…"
    target = "sqlite:///wells.db"
    where = { _submitted_by = "alice" }

Whatever is wrong with it is told before anything is sent.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args

import attrs
import orjson

from kobo_async.cli.mirrors import MirrorOptions, check_target
from kobo_async.cli.syncing import Project, Server
from kobo_async.cli.terminal import say
from kobo_async.cli.watching import DURATIONS, duration
from kobo_async.client import KoboClient
from kobo_async.config import Concurrency, Secret
from kobo_async.config.sources import read_private
from kobo_async.errors import ConfigError, KoboError
from kobo_async.query import checked
from kobo_async.sync.report import Strategy


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError  # noqa: TRY004 - told with the others
    return [*map(_text, value)]


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - told with the others
    return value


def _number(value: Any, most: int) -> int:
    if type(value) is not int or not 1 <= value <= most:
        raise ValueError
    return value


def _part(value: Any) -> float:
    if type(value) not in {int, float} or not 0 <= value <= 1:
        raise ValueError
    return float(value)


def _one_of(value: Any, choices: Sequence[str]) -> str:
    if value not in choices:
        raise ValueError
    return str(value)


def _query(value: Any) -> Mapping[str, Any]:
    found = orjson.loads(value) if isinstance(value, str) else value
    if not checked(found):
        raise ValueError
    query: Mapping[str, Any] = found
    return query


@attrs.frozen
class Key:
    """What may stand under a key."""

    read: Callable[[Any], Any]
    allowed: str

    @classmethod
    def choice(cls, *choices: str) -> Key:
        """Make the key of one of a few words."""
        return cls(partial(_one_of, choices=choices), " or ".join(choices))


TEXT: Final = Key(_text, "a text")
TRUTH: Final = Key(_truth, "true or false")
TOKENS: Final = ("token_env", "token_file", "token", "profile")
"""Where a token may come from, the best place first."""
SERVER: Final[Mapping[str, Key]] = {
    "server": Key(_text, "an address, or global or eu"),
    **dict.fromkeys(TOKENS, TEXT),
    "allow_http": TRUTH,
    "concurrency": Key(partial(_number, most=64), "a number from 1 to 64"),
    "at_once": Key(partial(_number, most=16), "a number from 1 to 16"),
}
RUN: Final[Mapping[str, Key]] = {
    "where": Key(_query, "a MongoDB query, as a table or as JSON"),
    "strategy": Key.choice(*get_args(Strategy)),
    "max_delete_fraction": Key(_part, "a number from 0 to 1"),
    "sweep_every": Key(duration, DURATIONS),
}
OPTIONS: Final[Mapping[str, Key]] = {
    "hard_deletes": TRUTH,
    "prefix": TEXT,
    "labels": Key(_text, "a language of the form"),
    "headers": Key.choice("path", "name", "label"),
    "only": Key(_texts, "a list of paths"),
}
PROJECT: Final[Mapping[str, Key]] = {
    "server": Key(_text, "the name of one of the servers"),
    "uid": TEXT,
    "target": TEXT,
    **RUN,
    **OPTIONS,
}
FILE: Final[Mapping[str, Key]] = {
    "servers": Key(dict, "tables [servers.NAME]"),
    "projects": Key(dict, "tables [projects.NAME]"),
}


@attrs.frozen
class Place:
    """A table of the file."""

    name: str
    found: Any = attrs.field(repr=False)

    def read(self, keys: Mapping[str, Key], *needed: str) -> dict[str, Any]:
        """Read what stands there.

        Raises:
            ConfigError: naming file, key, and what is allowed.
        """
        if not isinstance(self.found, dict):
            raise ConfigError(f"{self.name} must be a table with {', '.join(keys)}")
        for name in self.found.keys() - keys.keys():
            raise ConfigError(f"{self.name}: there is no key {name!r}, only {', '.join(keys)}")
        for name in needed:
            if name not in self.found:
                raise ConfigError(f"{self.name}: {name} is missing: {keys[name].allowed}")
        return {name: self._read(name, keys[name]) for name in keys if name in self.found}

    def _read(self, name: str, key: Key) -> Any:
        try:
            return key.read(self.found[name])
        except KoboError as error:
            problem = f": {error}"
        except (TypeError, ValueError):
            problem = ""
        raise ConfigError(f"{self.name}: {name} must be {key.allowed}{problem}")

    def inner(self, tables: Mapping[str, Any]) -> list[Place]:
        """Name the tables under a key of the file."""
        return [Place(f"{self.name}.{name}", found) for name, found in tables.items()]


def read_config(path: Path) -> list[Server]:
    """Read which projects of which servers are mirrored where.

    Raises:
        ConfigError: for a file that cannot be read, or says something that cannot be meant.
    """
    document = Place(str(path), _parsed(path)).read(FILE, "projects")
    servers = {
        name: Place(f"{path}: servers.{name}", found).read(SERVER, "server")
        for name, found in document.get("servers", {}).items()
    }
    projects: dict[str, list[Project]] = {name: [] for name in servers or [""]}
    for name, found in document["projects"].items():
        place = Place(f"{path}: projects.{name}", found)
        home, project = _project(place, name, [*servers])
        projects[home].append(project)
    _check_apart([project for some in projects.values() for project in some], path)
    if any("token" in given for given in servers.values()):
        read_private(path)
        say(f"{path} holds a token in clear: better name token_env or token_file in its place")
    made = ((_server(path, name, servers.get(name, {})), found) for name, found in projects.items())
    return [attrs.evolve(server, projects=found) for server, found in made if found]


def _parsed(path: Path) -> Any:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        problem = str(error)  # the error itself holds the text, and so the secrets
    raise ConfigError(f"{path} is not valid TOML: {problem}")


def _project(place: Place, name: str, servers: Sequence[str]) -> tuple[str, Project]:
    """Read a project, and tell on which server it is."""
    given = place.read(PROJECT, "uid", "target")
    home = given.get("server") or (servers[0] if len(servers) == 1 else "")
    if home not in (servers or [""]):
        known = ", ".join(servers) or "none: write [servers.NAME]"
        raise ConfigError(f"{place.name}: server must be one of the servers, {known}")
    options: MirrorOptions = {key: given[key] for key in OPTIONS if key in given}  # type: ignore[assignment]
    try:
        check_target(given["target"], options)
    except ConfigError as error:
        raise ConfigError(f"{place.name}: target: {error}") from error
    run = {key: given[key] for key in RUN if key in given}
    return home, Project(
        name=name, uid=given["uid"], target=given["target"], options=options, run=run
    )


def _check_apart(projects: Sequence[Project], path: Path) -> None:
    """Refuse two projects that would write to the same place."""
    seen: dict[tuple[str, ...], str] = {}
    for one in projects:
        target = one.target.rstrip("/")
        about = (one.options.get("prefix", ""), one.uid) if "://" in target else ()
        other = seen.setdefault((target, *about), one.name)
        if other != one.name:
            raise ConfigError(f"{path}: projects.{one.name} and projects.{other} have one target")


def _server(path: Path, name: str, given: Mapping[str, Any]) -> Server:
    place = f"{path}: servers.{name}"
    named = [key for key in TOKENS if key in given]
    if len(named) > 1:
        raise ConfigError(f"{place}: give one of {', '.join(TOKENS)}, not {' and '.join(named)}")
    settings: dict[str, Any] = {"token": _token(place, given)}
    if given.get("allow_http"):
        settings["allow_http"] = True
    if "concurrency" in given:
        settings["concurrency"] = Concurrency.up_to(given["concurrency"])
    address, profile = given.get("server"), given.get("profile")
    client = partial(KoboClient, address, profile=profile, **settings)
    return Server(client=client, projects=(), at_once=given.get("at_once", 1))


def _token(place: str, given: Mapping[str, Any]) -> Secret | None:
    if variable := given.get("token_env"):
        if not os.environ.get(variable):
            raise ConfigError(f"{place}: token_env: the environment has no {variable}")
        return Secret(os.environ[variable])
    if file := given.get("token_file"):
        try:
            return read_private(Path(file).expanduser())
        except ConfigError as error:
            raise ConfigError(f"{place}: token_file: {error}") from error
    return Secret(given["token"]) if "token" in given else None
