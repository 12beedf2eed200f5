"""Fields of v1's forms, files and account, and where v2 has them.

`hash` of a form is not carried over: v2's `version__content_hash` is the checksum of something
else (`api-facts §9`). Whether rows hold coordinates, which some took `instances_with_geopoints`
for, is not said any more: `summary.geo` is about the questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs


@attrs.frozen
class Field:
    """A field of v1.

    Attributes:
        new: where v2 has it; dots lead into an object. None where it has not.
        notes: what else changes.
        known: whether hardly anything else is called so.
    """

    old: str
    new: str | None
    notes: str = ""
    known: bool = False


FORM: Final = (
    Field("formid", "uid", "a text; `id_string` of v1"),
    Field("id_string", "uid"),
    Field("title", "name"),
    Field("description", "settings.description"),
    Field("owner", "owner__username"),
    Field("metadata", "files"),
    Field("tags", "tag_string", "one text with commas; tags were not carried over"),
    Field("users", "permissions", "one entry for each user and permission"),
    Field("public", "permissions", "`view_asset` of AnonymousUser"),
    Field("public_data", "permissions", "`view_submissions` of AnonymousUser", known=True),
    Field("require_auth", "permissions", "without it: `add_submissions` of AnonymousUser"),
    Field("downloadable", "deployment__active"),
    Field("encrypted", "deployment__encrypted"),
    Field("uuid", "deployment__uuid"),
    Field("last_submission_time", "deployment__last_submission_time"),
    Field("num_of_submissions", "deployment__submission_count", known=True),
    Field(
        "instances_with_geopoints", "summary.geo", "whether the form asks for a place", known=True
    ),
    Field("attachment_storage_bytes", None, "`storage_bytes` of /api/v2/asset_usage/", known=True),
    Field("hash", None, "`version__content_hash` is the checksum of something else"),
)
FILE: Final = (
    Field("id", "uid"),
    Field("xform", "asset", "a link in place of a number"),
    Field("data_type", "file_type", "`media` is called `form_media`; there are no other types"),
    Field("data_value", "metadata.filename", "or `metadata.redirect_url`"),
    Field("data_filename", "metadata.filename", known=True),
    Field("data_file", "content", "a link"),
    Field("data_file_type", "metadata.mimetype", known=True),
    Field("file_hash", "metadata.hash"),
    Field("from_kpi", None, "v2 has nothing in its place", known=True),
)
_DETAILS: Final = ("city", "country", "organization", "website", "twitter", "require_auth")
USER: Final = (
    Field("id", "extra_details__uid"),
    *(Field(name, f"extra_details.{name}") for name in _DETAILS),
    Field("api_token", None, "GET /token/?format=json"),
    Field("temp_token", None, "v2 has nothing in its place"),
)
PUBLIC: Final = {"public": "view_asset", "public_data": "view_submissions"}
"""What anonymous people may do where a form of v1 said so."""


def form(v1: Mapping[str, Any]) -> dict[str, Any]:
    """Rename the fields of a form of v1, as far as v2 has them.

    Open access becomes entries of `permissions`. What the server alone can tell is left out: the
    permissions of users, files, sizes and checksums.
    """
    plain = {"id_string", "title", "description", "owner", "downloadable", "encrypted", "uuid"}
    plain |= {"last_submission_time", "num_of_submissions", "instances_with_geopoints"}
    v2 = _renamed(v1, [field for field in FORM if field.old in plain])
    if "tags" in v1:
        v2["tag_string"] = ",".join(v1["tags"])
    open_to_all = [right for name, right in PUBLIC.items() if v1.get(name)]
    if v1.get("require_auth") is False:
        open_to_all.append("add_submissions")
    if open_to_all:
        v2["permissions"] = [_granted("AnonymousUser", right) for right in open_to_all]
    return v2


def file(v1: Mapping[str, Any]) -> dict[str, Any]:
    """Rename the fields of a file (`metadata`) of v1. Its uid and its project are not known."""
    known = {"data_value", "data_filename", "data_file", "data_file_type", "file_hash"}
    v2 = _renamed(v1, [field for field in FILE if field.old in known])
    if v1.get("data_type") == "media":
        v2["file_type"] = "form_media"
    return v2


def user(v1: Mapping[str, Any]) -> dict[str, Any]:
    """Rename the fields of the account (`user`) of v1. The number of the account means nothing."""
    same = {name: v1[name] for name in ("username", "email", "gravatar") if name in v1}
    return same | _renamed(v1, [field for field in USER if field.old in _DETAILS])


def _granted(username: str, codename: str) -> dict[str, str]:
    return {
        "user": f"/api/v2/users/{username}/",
        "permission": f"/api/v2/permissions/{codename}/",
    }


def _renamed(v1: Mapping[str, Any], fields: list[Field]) -> dict[str, Any]:
    v2: dict[str, Any] = {}
    for field in fields:
        if field.old in v1 and field.new is not None:
            *way, last = field.new.split(".")
            place = v2
            for step in way:
                place = place.setdefault(step, {})
            place[last] = v1[field.old]
    return v2
