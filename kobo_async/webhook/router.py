"""Which project an address is about."""

from __future__ import annotations

from collections.abc import Iterable

from kobo_async.errors import ConfigError
from kobo_async.webhook.project import Project


class Router:
    """Projects by the last part of their address."""

    def __init__(self, projects: Iterable[Project]) -> None:
        self.projects = (*projects,)
        self._by_name = {one.name: one for one in self.projects}
        uids = {one.uid for one in self.projects}
        mirrors = {id(one.mirror) for one in self.projects}
        if not len(self.projects) == len(self._by_name) == len(uids) == len(mirrors):
            raise ConfigError("every project has a uid, a name and a mirror of its own")

    def find(self, path: str) -> Project | None:
        """Return the project that `/name` or `/name/` is about."""
        return self._by_name.get(path.strip("/"))
