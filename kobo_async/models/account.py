"""The caller and the server (`models §5, §18`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class Me(Model):
    """The account that the credentials belong to. `server_time` is the server's clock."""

    username: str
    server_time: datetime
    email: str = attrs.field(default="", repr=False)
    first_name: str = attrs.field(default="", repr=False)
    last_name: str = attrs.field(default="", repr=False)
    is_superuser: bool = False
    date_joined: datetime | None = None
    last_login: datetime | None = None
    projects_url: str = ""
    gravatar: str = attrs.field(default="", repr=False)
    extra_details: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    organization: Mapping[str, Any] = attrs.field(factory=dict)
    git_rev: Any = False
    social_accounts: Sequence[Any] = attrs.field(factory=list, repr=False)
    validated_password: bool = True
    accepted_tos: bool = False
    extra_details__uid: str = ""


@attrs.frozen(kw_only=True)
class EmailAddress(Model):
    """An e-mail address of the caller; one that waits to be confirmed is not `verified`."""

    email: str = attrs.field(repr=False)
    primary: bool = False
    verified: bool = False


@attrs.frozen(kw_only=True)
class SocialAccount(Model):
    """An account elsewhere with which the caller can sign in."""

    provider: str
    uid: str
    email: str | None = attrs.field(default=None, repr=False)
    username: str | None = attrs.field(default=None, repr=False)
    date_joined: datetime | None = None
    last_login: datetime | None = None


@attrs.frozen(kw_only=True)
class AccountToken(Model):
    """The API token of an account. It opens everything the account owns and never expires."""

    token: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Environment(Model):
    """What a server tells about itself without asking who wants to know.

    `open_rosa_server` is where submissions and form lists live. Keys come and go with releases;
    those not named here are in `extra`.
    """

    open_rosa_server: str = ""
    frontend_min_retry_time: int = 2
    frontend_max_retry_time: int = 120
    project_history_log_lifespan: int | None = None
    submission_placeholder: str = "%SUBMISSION%"
    terms_of_service_url: str = ""
    support_email: str = ""
    mfa_enabled: bool = False
    stripe_public_key: str | None = None
