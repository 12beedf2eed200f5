"""URLs and fields of v1, and what stands in their place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kobo_async import QueryError, migrate
from kobo_async.operations import operations
from kobo_async.removed import MOVED, ROUTES, successor

KF = "https://kf.kobotoolbox.org/api/v2/assets"
KC = "https://kc.kobotoolbox.org/api/v1"
UID = "a4etXeWtqcoodSxLV8a6Uq"
OUTSIDE = {"/submission", "/api/v2/", "/api/v2/assets/{uid}.xml", "/api/v2/assets/{uid}.xls"}
"""Not in the table of operations by that path: OpenRosa, the root, and suffixes of the detail."""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"{KC}/data", f"{KF}/?q=asset_type:survey"),
        (f"{KC}/data/474", f"{KF}/{{uid}}/data/"),
        (f"{KC}/data/{UID}/", f"{KF}/{UID}/data/"),
        (f"{KC}/data/474.json", f"{KF}/{{uid}}/data/"),
        (f"{KC}/data/474.csv", f"{KF}/{{uid}}/exports/"),
        (f"{KC}/data/{UID}.xlsx", f"{KF}/{UID}/exports/"),
        (f"{KC}/data/{UID}?format=csv", f"{KF}/{UID}/exports/"),
        (f"{KC}/data/{UID}/17", f"{KF}/{UID}/data/17/"),
        (f"{KC}/data/{UID}/17/enketo?return_url=x", f"{KF}/{UID}/data/17/enketo/edit/"),
        (f"{KC}/data/{UID}/17/labels", None),
        (f"{KC}/data/{UID}?start=5&limit=2&count=1", f"{KF}/{UID}/data/?start=5&limit=2"),
        (f"{KC}/forms", f"{KF}/?q=asset_type:survey"),
        (f"{KC}/forms/{UID}/form.xml", f"{KF}/{UID}.xml"),
        (f"{KC}/forms/{UID}/labels", f"{KF}/{UID}/"),
        (f"{KC}/metadata/271?format=json", f"{KF}/{{uid}}/files/{{file}}/"),
        (f"{KC}/user", "https://kf.kobotoolbox.org/me/"),
        (f"{KC}/submissions", "https://kc.kobotoolbox.org/submission"),
        (f"{KC}/notes", None),
        (f"{KC}/stats/submissions/3", None),
        ("https://kc-eu.kobotoolbox.org/api/v1/user", "https://eu.kobotoolbox.org/me/"),
        ("https://kobocat.example.org/api/v1/user", "{server}/me/"),
        ("https://kc.humanitarianresponse.info/api/v1/user", "{server}/me/"),
        ("https://kobo.example.org/assets/", "https://kobo.example.org/api/v2/assets/"),
        (f"/assets/{UID}/submissions/17/edit/", f"/api/v2/assets/{UID}/data/17/enketo/edit/"),
        ("/assets/?q=water&asset_type=survey", "/api/v2/assets/?q=water+AND+asset_type%3Asurvey"),
        ("/exports/", "/api/v2/assets/{uid}/exports/"),
        (f"/reports/?uid={UID}", f"/api/v2/assets/{UID}/reports/"),
        ("/collections/", "/api/v2/assets/?q=asset_type:collection"),
        ("/users/bob/", "/api/v2/users/bob/"),
    ],
)
def test_a_url_of_v1_has_this_in_its_place(old: str, new: str | None):
    assert migrate.url(old).url == new


@pytest.mark.parametrize(
    ("old", "method", "new"),
    [
        (f"/api/v1/data/{UID}/bulk_delete", "DELETE", "DELETE"),
        (f"/api/v1/data/{UID}/bulk_validation_status", "PATCH", "PATCH"),
        (f"/api/v1/data/{UID}/17", "DELETE", "DELETE"),
        ("/api/v1/submissions", "POST", "POST"),
        (f"/api/v1/forms/{UID}/labels/wet", "DELETE", "PATCH"),
    ],
)
def test_the_method_is_the_one_of_v2(old: str, method: str, new: str):
    assert migrate.url(old, method=method).method == new


@pytest.mark.parametrize(
    ("old", "note"),
    [
        ("/api/v1/data/474", "uid"),
        ("/api/v1/data/474?count=1", "refused"),
        ("/api/v1/data/474?page=2", "start"),
        ("/api/v1/data/474?tags=wet", "`tags=` has no counterpart"),
        ("/api/v1/data/474?format=jsonp", "JSONP"),
        ("/api/v1/data/474.csv", "export"),
        ("/assets/?asset_type=survey", "ignored"),
        ("https://kc.example.org/api/v1/user", "not by kc.example.org"),
        ("https://kobo.humanitarianresponse.info/assets/", "given up"),
    ],
)
def test_what_else_changes_is_told(old: str, note: str):
    assert any(note in one for one in migrate.url(old).notes)


def test_who_has_the_uid_is_not_told_to_look_for_it():
    assert not any("by uid" in note for note in migrate.url(f"/api/v1/forms/{UID}").notes)


def test_a_replacement_reads_like_a_request():
    assert str(migrate.url("/api/v1/user")) == "GET /me/"
    assert str(migrate.url("/api/v1/notes")) == "nothing"


@pytest.mark.parametrize(
    "other", ["https://kf.kobotoolbox.org/api/v2/assets/", "/me/", "/token/", "", "/submission"]
)
def test_what_v1_did_not_have_is_refused(other: str):
    with pytest.raises(QueryError, match="not a URL of API v1"):
        migrate.url(other)


def test_every_replacement_is_an_operation_of_v2():
    known = {re.sub(r"\{\w+\}", "{}", one.as_dict()["path"]) for one in operations()}
    new = {route.new.partition("?")[0] for route in ROUTES if route.new} - OUTSIDE
    assert {path for path in new if re.sub(r"\{\w+\}", "{}", path) not in known} == set()


def test_every_url_of_the_published_documents_is_known(shared: Path):
    texts = [path.read_text(encoding="utf-8") for path in shared.glob("documents/migrating-*.txt")]
    urls = {found for text in texts for found in re.findall(r"https?://\S+/api/v1/[\w/.]+", text)}
    assert len(urls) >= 8
    assert all(migrate.url(found).url for found in urls)


def test_the_paths_that_a_real_server_has_removed_have_a_successor(shared: Path):
    recorded = [json.loads(path.read_text()) for path in shared.glob("kpi/recordings/v1_*.json")]
    assert recorded
    assert all(one["response"]["status"] == 410 for one in recorded)
    assert all(successor(one["request"]["path"]) for one in recorded)
    assert all(successor(f"/{name}/") for name in MOVED)


FORM = {
    "formid": 474,
    "id_string": UID,
    "title": "Wells",
    "description": "Where water is",
    "owner": "alice",
    "public": True,
    "public_data": False,
    "require_auth": False,
    "tags": ["wet", "deep"],
    "downloadable": True,
    "encrypted": False,
    "hash": "md5:65ee",
    "uuid": "f739",
    "last_submission_time": "2025-06-03T15:16:20.838131Z",
    "num_of_submissions": 1200,
    "instances_with_geopoints": False,
    "attachment_storage_bytes": 27,
}


def test_a_form_of_v1_gets_the_names_of_v2():
    assert migrate.form(FORM) == {
        "uid": UID,
        "name": "Wells",
        "settings": {"description": "Where water is"},
        "owner__username": "alice",
        "deployment__active": True,
        "deployment__encrypted": False,
        "deployment__uuid": "f739",
        "deployment__last_submission_time": "2025-06-03T15:16:20.838131Z",
        "deployment__submission_count": 1200,
        "summary": {"geo": False},
        "tag_string": "wet,deep",
        "permissions": [
            {
                "user": "/api/v2/users/AnonymousUser/",
                "permission": f"/api/v2/permissions/{codename}/",
            }
            for codename in ("view_asset", "add_submissions")
        ],
    }


def test_what_a_form_does_not_say_is_not_made_up():
    assert migrate.form({"id_string": UID}) == {"uid": UID}


def test_files_and_accounts_get_the_names_of_v2():
    file = {
        "id": 271,
        "xform": 374,
        "data_value": "goose.jpg",
        "data_type": "media",
        "data_file_type": "image/jpeg",
        "file_hash": "md5:93fb",
        "from_kpi": True,
    }
    assert migrate.file(file) == {
        "metadata": {"filename": "goose.jpg", "mimetype": "image/jpeg", "hash": "md5:93fb"},
        "file_type": "form_media",
    }
    account = {"id": 42, "username": "alice", "country": "KEN", "api_token": "e291"}
    assert migrate.user(account) == {"username": "alice", "extra_details": {"country": "KEN"}}
