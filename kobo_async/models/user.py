"""Accounts, as others see them (`models §18`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class User(Model):
    """What everyone may know of an account."""

    username: str
    url: str = ""
    date_joined: datetime | None = None
    public_collection_subscribers_count: int = 0
    public_collections_count: int = 0


@attrs.frozen(kw_only=True)
class UserEntry(Model):
    """What administrators see of an account in lists."""

    id: int
    username: str
    is_superuser: bool = False
    is_active: bool = True
    date_joined: datetime | None = None
    last_login: datetime | None = None
    email: str = attrs.field(default="", repr=False)
    asset_count: int = 0
    metadata: Mapping[str, Any] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True)
class UserReport(Model):
    """Everything the server knows of an account; what is not named here is in `extra`."""

    user_uid: str
    username: str
    first_name: str = attrs.field(default="", repr=False)
    last_name: str = attrs.field(default="", repr=False)
    email: str = attrs.field(default="", repr=False)
    is_superuser: bool = False
    is_staff: bool = False
    is_active: bool = True
    date_joined: datetime | None = None
    last_login: datetime | None = None
    validated_email: bool | None = None
    mfa_is_active: bool | None = None
    sso_is_active: bool | None = None
    accepted_tos: bool | None = None
    account_restricted: bool | None = None
    asset_count: int | None = None
    active_project_count: int | None = None
    last_updated: datetime | None = None
    social_accounts: Any = attrs.field(default=None, repr=False)
    extra_details: Any = attrs.field(default=None, repr=False)
    service_usage: Any = attrs.field(default=None, repr=False)
    subscriptions: Any = attrs.field(default=None, repr=False)
    organization: Any = attrs.field(default=None, repr=False)
