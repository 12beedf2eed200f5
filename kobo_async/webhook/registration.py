"""Makes the server deliver to a receiver, or puts right what it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from kobo_async.api import Api
from kobo_async.errors import ConfigError
from kobo_async.models.hook import Hook
from kobo_async.webhook.access import Access, BasicLogin, SharedSecret

NAME = "kobo_async"
BASIC = "basic_auth"
_LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")


@attrs.frozen
class Registration:
    """The REST service of a receiver, and what was done about it."""

    hook: Hook
    outcome: Literal["created", "repaired", "unchanged"]


async def register(api: Api, uid: str, endpoint: str, access: Access) -> Registration:
    """Have the submissions of a project delivered to an address.

    A REST service with this address is put right where it is not active or does not show the
    secret; its format, fields and other headers stay. There is never a second one made.

    Permission: `change_asset` and `view_submissions`. Errors: NotFound without them; ConfigError
    where the address would show the secret to everybody on the way.
    """
    if not endpoint.startswith("https://") and not endpoint.startswith(_LOCAL):
        raise ConfigError(f"{endpoint} is not encrypted: the secret would not stay one")
    found = [one async for one in api.hooks.list(uid) if _same(one.endpoint, endpoint)]
    if not found:
        settings = _settings(access, Hook(uid="", name="", endpoint=""))
        hook = await api.hooks.create(uid, name=NAME, endpoint=endpoint, **settings)
        return Registration(hook, "created")
    hook = next((one for one in found if one.active), found[0])
    if _is_right(hook, access):
        return Registration(hook, "unchanged")
    hook = await api.hooks.update(uid, hook.uid, active=True, **_settings(access, hook))
    return Registration(hook, "repaired")


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _is_right(hook: Hook, access: Access) -> bool:
    wanted, has = _settings(access, hook), hook.settings
    headers = wanted.get("custom_headers", {})
    login = (wanted.get("username", ""), wanted.get("password", ""))
    with_login = hook.auth_level == BASIC
    return (
        hook.active
        and dict(has.custom_headers) == headers
        and (login == (has.username, has.password) if with_login else login == ("", ""))
    )


def _settings(access: Access, hook: Hook) -> dict[str, Any]:
    """Return all of the settings: whoever gives some of them drops the others."""
    headers: Mapping[str, str] = hook.settings.custom_headers
    login = {}
    if hook.auth_level == BASIC:
        login = {"username": hook.settings.username, "password": hook.settings.password}
    if isinstance(access, SharedSecret):
        name = access.header.lower()
        headers = {key: value for key, value in headers.items() if key.lower() != name}
        headers = {**headers, access.header: access.secret.reveal()}
    if isinstance(access, BasicLogin):
        login = {"username": access.username, "password": access.secret.reveal()}
    return {**login, "custom_headers": dict(headers)}
