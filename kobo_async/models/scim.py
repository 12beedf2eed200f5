"""Accounts and groups as identity providers see them (`models §21`, RFC 7643)."""
# ruff: noqa: N815 - the standard's names

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class ScimUser(Model):
    """An account; `id` is a number in text."""

    id: str
    userName: str = ""
    name: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    emails: Sequence[Mapping[str, Any]] = attrs.field(factory=list, repr=False)
    active: bool = True
    schemas: Sequence[str] = attrs.field(default=(), repr=False)
    meta: Mapping[str, Any] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True)
class ScimGroup(Model):
    """A group; each member has the `id` of an account in `value`."""

    id: str
    displayName: str = ""
    externalId: str | None = None
    members: Sequence[Mapping[str, Any]] = attrs.field(factory=list, repr=False)
    schemas: Sequence[str] = attrs.field(default=(), repr=False)
    meta: Mapping[str, Any] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True)
class ScimList(Model):
    """One page of accounts or groups. `startIndex` counts from 1."""

    totalResults: int
    Resources: Sequence[Mapping[str, Any]] = ()
    itemsPerPage: int = 0
    startIndex: int = 1
    schemas: Sequence[str] = attrs.field(default=(), repr=False)
