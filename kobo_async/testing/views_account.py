"""`/token/`, `/me/` and the environment (observed §1, §11)."""

from __future__ import annotations

import hashlib
from typing import Any

from kobo_async.testing.access import signed_in
from kobo_async.testing.body import BodyError, read_data
from kobo_async.testing.messages import (
    FORBIDDEN,
    NOT_FOUND,
    RefusedError,
    Reply,
    json_reply,
)
from kobo_async.testing.organizations import name_of, organization_of, owner_of
from kobo_async.testing.users import User
from kobo_async.testing.views import Asked, View


def _token_owner(asked: Asked) -> User:
    user = signed_in(asked)
    wanted = asked.info.query.get("username")
    if wanted is None:
        return user
    if not user.superuser:
        raise RefusedError(403, FORBIDDEN)
    if wanted not in asked.fake.users:
        raise RefusedError(404, NOT_FOUND)
    return asked.fake.users[wanted]


def _get_token(asked: Asked) -> Reply:
    return _token_reply(asked, created=200)


def _post_token(asked: Asked) -> Reply:
    return _token_reply(asked, created=201)


def _token_reply(asked: Asked, *, created: int) -> Reply:
    user = _token_owner(asked)
    status = 200
    if user.token is None:
        user.token = asked.fake.new_token()
        status = created
    return json_reply({"token": user.token}, status)


def _delete_token(asked: Asked) -> Reply:
    user = _token_owner(asked)
    if user.token is None:
        raise RefusedError(404, NOT_FOUND)
    user.token = None
    return Reply(204, content_type=None)


def _me(asked: Asked) -> Reply:
    user = signed_in(asked)
    base = asked.info.base
    organization = organization_of(asked.fake, user)
    owner = owner_of(asked.fake, organization) or user
    digest = hashlib.md5(user.email.encode()).hexdigest()  # noqa: S324 - what gravatar wants
    return json_reply(
        {
            "username": user.username,
            "first_name": "",
            "last_name": "",
            "email": user.email,
            "is_superuser": user.superuser,
            "server_time": f"{asked.fake.now():%Y-%m-%dT%H:%M:%SZ}",
            "date_joined": f"{user.joined:%Y-%m-%dT%H:%M:%SZ}",
            "projects_url": f"{base}/{user.username}",
            "gravatar": f"https://www.gravatar.com/avatar/{digest}?s=40",
            "last_login": None,
            "extra_details": user.details,
            "git_rev": False,
            "social_accounts": [],
            "validated_password": True,
            "accepted_tos": False,
            "organization": {
                "url": f"{base}/api/v2/organizations/{organization}/",
                "name": name_of(asked.fake, owner),
                "uid": organization,
            },
            "extra_details__uid": user.uid,
        }
    )


def _patch_me(asked: Asked) -> Reply:
    """Merge `extra_details`; here a body that cannot be read is a proper 400 (observed §0)."""
    user = signed_in(asked)
    try:
        data = read_data(asked.info.headers.get("content-type", ""), asked.info.body)
    except BodyError as error:
        raise RefusedError(error.status, {"detail": error.detail}) from None
    details = data.get("extra_details") if isinstance(data, dict) else None
    if isinstance(details, dict):
        user.details = {**user.details, **details, "require_auth": True}
    return _me(asked)


_FIELDS = ("sector", "country", "description")
_ENVIRONMENT: dict[str, Any] = {
    "terms_of_service_url": "",
    "privacy_policy_url": "",
    "source_code_url": "https://github.com/kobotoolbox/",
    "support_email": "help@example.com",
    "support_url": "https://support.kobotoolbox.org/",
    "academy_url": "https://academy.kobotoolbox.org/",
    "community_url": "https://community.kobotoolbox.org/",
    "frontend_min_retry_time": 2,
    "frontend_max_retry_time": 120,
    "use_team_label": True,
    "usage_limit_enforcement": False,
    "allow_self_account_deletion": False,
    "sector_choices": [["Humanitarian", "Humanitarian"]],
    "operational_purpose_choices": [["", ""]],
    "country_choices": [["FRA", "France"], ["KEN", "Kenya"]],
    "interface_languages": [["en", "English"], ["fr", "français"]],
    "mfa_localized_help_text": "<p>If you cannot access your authenticator app, ask us.</p>",
    "mfa_enabled": True,
    "mfa_code_length": 6,
    "superuser_auth_enforcement": False,
    "enable_password_entropy_meter": True,
    "enable_custom_password_guidance_text": False,
    "custom_password_localized_help_text": "<p>At least 10 characters.</p>",
    "project_metadata_fields": [
        {"name": name, "required": False, "label": name.title()} for name in _FIELDS
    ],
    "extra_project_metadata_fields": [],
    "user_metadata_fields": [{"name": "name", "required": True, "label": "Full name"}],
    "social_apps": [],
    "asr_mt_features_enabled": False,
    "submission_placeholder": "%SUBMISSION%",
    "project_history_log_lifespan": 744,
    "stripe_public_key": None,
    "terms_of_service__sitewidemessage__exists": False,
}


def _environment(asked: Asked) -> Reply:
    return json_reply(
        {**_ENVIRONMENT, "open_rosa_server": asked.fake.openrosa_url or asked.info.base}
    )


TOKEN = View(
    allow="GET, POST, DELETE, HEAD, OPTIONS",
    handlers={"GET": _get_token, "POST": _post_token, "DELETE": _delete_token},
    check=signed_in,
)
ME = View(
    allow="GET, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _me, "PATCH": _patch_me},
    check=signed_in,
)
ENVIRONMENT = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _environment})
