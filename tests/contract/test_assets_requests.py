"""Methods about forms send what a real server was sent."""

from __future__ import annotations

import pytest

from kobo_async.resources.assets import Assets
from kobo_async.resources.deployments import Deployments
from kobo_async.resources.files import Files
from kobo_async.resources.imports import Imports
from kobo_async.resources.library import Library
from kobo_async.resources.paired_data import PairedProjects
from kobo_async.resources.reports import Reports
from kobo_async.resources.snapshots import Snapshots
from kobo_async.resources.tags import Tags
from kobo_async.resources.versions import Versions
from tests.contract.conftest import recording, sent_as
from tests.contract.sending import Request, query, sent

pytestmark = pytest.mark.anyio

HOUSEHOLD = "aEd9o8AwvR6c6YH6Cm6Rz8"
SANDBOX = "aVB5xpwQqzShybUMDoAu2N"
EMPTY = "aw6d79mZJp5MQ7xXTAxwqz"
PASSING = "aLDaCLWWzKfFqQqJmYbCWd"
QUESTION = "a9UWnSaLLHxb58fdAQ69p7"
COLLECTION = "aWuzsVEeNWZo9cvifzc5Ru"
ORIGIN = "http://127.0.0.1:8900"
VERSION = "vvprMuhEWzTFqrzV3hdTH5"
PAIRED = "pdGtNV4Nf6JWQPUdYrpcJHw"
SNAPSHOT = "sihZLqZUmpznmadSgKmEeM"
CSV_FILE = "afcqESrTSPtJY4Ke99KG23g"

WRITES: dict[str, Request] = {
    "asset_create_minimal": lambda to: Assets(to).create(name="Temp A", asset_type="survey"),
    "asset_create_no_name": lambda to: Assets(to).create(asset_type="survey"),
    "asset_create_collection": lambda to: Assets(to).create(
        name="Temp coll", asset_type="collection"
    ),
    "asset_create_block": lambda to: Assets(to).create(
        name="Temp block",
        asset_type="block",
        content={"survey": [{"type": "text", "name": "a", "label": ["A"]}]},
    ),
    "clone_post_assets_clone_from_only": lambda to: Assets(to).clone(clone_from=PASSING),
    "clone_post_as_template": lambda to: Assets(to).clone(
        clone_from=PASSING, asset_type="template", name="as template"
    ),
    "asset_patch_name": lambda to: Assets(to).update(PASSING, name="Temp A renamed"),
    "asset_patch_tag_string": lambda to: Assets(to).update(PASSING, tag_string="foo,bar baz"),
    "asset_patch_settings": lambda to: Assets(to).update(
        PASSING,
        settings={
            "description": "desc",
            "sector": {"label": "Humanitarian - Education", "value": "Humanitarian - Education"},
            "country": [{"label": "France", "value": "FRA"}],
        },
    ),
    "asset_patch_parent": lambda to: Assets(to).update(
        QUESTION, parent=f"{ORIGIN}/api/v2/assets/{COLLECTION}/"
    ),
    "asset_patch_parent_null": lambda to: Assets(to).update(QUESTION, parent=None),
    "asset_patch_data_sharing": lambda to: Assets(to).update(
        SANDBOX, data_sharing={"enabled": True, "fields": []}
    ),
    "asset_put_nothing": lambda to: Assets(to).update(SANDBOX),
    "asset_patch_content_v2": lambda to: Assets(to).replace_content(
        PASSING,
        content={
            "survey": [
                {"type": "text", "name": "q1", "label": ["Q1"]},
                {"type": "text", "name": "q2", "label": ["Q2"]},
            ]
        },
    ),
    "asset_delete": lambda to: Assets(to).delete(PASSING),
    "assets_bulk_archive": lambda to: Assets(to).archive(asset_uids=[PASSING]),
    "assets_bulk_unarchive": lambda to: Assets(to).unarchive(asset_uids=[PASSING]),
    "deployment_post": lambda to: Deployments(to).deploy(PASSING),
    "deployment_redeploy_version": lambda to: Deployments(to).redeploy(PASSING, version_id=VERSION),
    "deployment_archive": lambda to: Deployments(to).archive(PASSING),
    "deployment_unarchive": lambda to: Deployments(to).unarchive(PASSING),
    "snapshot_create": lambda to: Snapshots(to).create(asset=f"{ORIGIN}/api/v2/assets/{PASSING}/"),
    "paired_create": lambda to: PairedProjects(to).create(
        HOUSEHOLD,
        source=f"{ORIGIN}/api/v2/assets/{SANDBOX}/",
        fields=["q1", "n"],
        filename="sandbox_data",
    ),
    "paired_patch": lambda to: PairedProjects(to).update(
        HOUSEHOLD, PAIRED, fields=["q1"], filename="renamed"
    ),
    "paired_delete": lambda to: PairedProjects(to).delete(HOUSEHOLD, PAIRED),
    "file_delete": lambda to: Files(to).delete(HOUSEHOLD, CSV_FILE),
}
READS: dict[str, Request] = {
    "assets_list_limit1": lambda to: Assets(to).list(page_size=1),
    "assets_minimal_list": lambda to: Assets(to).minimal_list(page_size=2),
    "asset_retrieve": lambda to: Assets(to).get(HOUSEHOLD),
    "asset_content": lambda to: Assets(to).content(HOUSEHOLD),
    "asset_valid_content": lambda to: Assets(to).valid_content(HOUSEHOLD),
    "asset_xform_html": lambda to: Assets(to).xform_html(HOUSEHOLD),
    "counts": lambda to: Assets(to).submission_counts(HOUSEHOLD, days=7),
    "assets_hash": lambda to: Assets(to).hash(),
    "assets_metadata": lambda to: Assets(to).metadata(),
    "deployment_get": lambda to: Deployments(to).get(PASSING),
    "version_retrieve": lambda to: Versions(to).get(PASSING, VERSION),
    "snapshot_retrieve": lambda to: Snapshots(to).get(SNAPSHOT),
    "snapshot_xml": lambda to: Snapshots(to).xml(SNAPSHOT),
    "import_csv_done": lambda to: Imports(to).get("iKRFBMf7tpQ5c2rsZaG5ox"),
    "file_get": lambda to: Files(to).get(HOUSEHOLD, CSV_FILE),
    "paired_get": lambda to: PairedProjects(to).get(HOUSEHOLD, PAIRED),
    "reports": lambda to: Reports(to).get(HOUSEHOLD),
    "reports_split": lambda to: Reports(to).get(HOUSEHOLD, split_by="region"),
}
LISTS: dict[str, Request] = {
    "assets_ordering_-date_modified": lambda to: Assets(to).list(ordering="-date_modified"),
    "assets_q_asset_type:survey": lambda to: Assets(to).list(q="asset_type:survey"),
    "versions_list": lambda to: Versions(to).list(PASSING),
    "files_list": lambda to: Files(to).list(HOUSEHOLD),
    "files_list_filter": lambda to: Files(to).list(HOUSEHOLD, file_type="map_layer"),
    "paired_list": lambda to: PairedProjects(to).list(HOUSEHOLD),
    "asset_subscriptions": lambda to: Library(to).subscriptions(),
    "tags_list": lambda to: Tags(to).list(),
}


@pytest.mark.parametrize("name", WRITES)
async def test_a_change_is_sent_as_a_real_server_took_it(name: str):
    one = recording(name)
    sent_as(await sent(WRITES[name], one), one)


@pytest.mark.parametrize("name", READS)
async def test_a_question_is_asked_as_a_real_server_answered_it(name: str):
    one = recording(name)
    call = await sent(READS[name], one)

    assert (call.op.method, call.path) == (one.method, one.path)
    assert query(call) == dict(one.query)


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_is_asked_for_in_large_pages(name: str):
    one = recording(name)
    call = await sent(LISTS[name], one)

    assert (call.op.method, call.path) == (one.method, one.path)
    assert query(call) == {**one.query, "limit": "1000"}


async def test_many_assets_are_deleted_at_once():
    one = recording("assets_bulk_delete")
    uids = one.request["json"]["payload"]["asset_uids"]

    call = await sent(lambda to: Assets(to).delete_many(asset_uids=uids, expected=9), one)

    sent_as(call, one)
