"""What a real server answered about forms and what belongs to them."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async.call import Op
from kobo_async.errors import UnexpectedShape
from kobo_async.models.convert import structure
from kobo_async.resources import (
    assets,
    deployments,
    files,
    imports,
    library,
    paired_data,
    reports,
    snapshots,
    tags,
    versions,
)
from tests.contract.conftest import (
    Answering,
    Recording,
    call_of,
    items_of,
    judged,
    params_of,
    recording,
    recordings_of,
)

RESOURCES = {
    assets: 16,
    deployments: 3,
    versions: 2,
    snapshots: 7,
    imports: 3,
    files: 5,
    paired_data: 6,
    library: 4,
    tags: 1,
    reports: 1,
}
OPS: list[Op[Any]] = [
    value
    for module in RESOURCES
    for name, value in vars(module).items()
    if isinstance(value, Op) and not name.startswith("_")
]
SUCCESSES = params_of(*OPS)
FILES = [one for one in SUCCESSES if one.values[0].result is bytes]


@pytest.mark.parametrize("module", RESOURCES, ids=lambda module: module.__name__)
def test_every_operation_of_the_table_is_there(module):
    assert sum(vars(module).get(name) in OPS for name in vars(module)) == RESOURCES[module]


@pytest.mark.parametrize(("op", "one"), FILES)
def test_what_is_no_json_comes_as_it_is(op: Op[Any], one: Recording):
    assert structure(judged(op, one), op.result) == one.reply.body


def test_a_problem_of_the_form_is_told_when_it_is_deployed():
    error = judged(deployments.DEPLOY, recording("deployment_post_invalid_form"))

    assert "Duplicate name error: a" in str(error)


def test_the_models_know_all_keys_of_an_asset():
    asset = structure(recording("asset_retrieve").body, assets.GET.result)

    assert not asset.extra
    assert asset.allows("manage_asset")
    assert asset.deployed_versions.results[0].uid == asset.deployed_version_id


def test_a_list_leaves_out_what_only_the_detail_has():
    (op, one) = (assets.LIST, recording("assets_list_item_keys"))
    (asset,) = (structure(item, op.result) for item in items_of(op, one))

    assert not asset.extra
    assert asset.content is None
    assert asset.allows("view_asset") is None


@pytest.mark.parametrize(
    ("name", "finished", "assets", "error"),
    [
        ("import_xlsx_file", False, 0, None),
        ("import_library_false_done", True, 1, None),
        ("import_destination_done", True, 1, None),
        ("import_garbage_done", True, 0, "Unsupported format, or corrupt file"),
        ("import_dest_other_user_done", True, 0, "user cannot update asset"),
    ],
)
def test_an_import_tells_what_became_of_it(name, finished, assets, error):
    task = structure(recording(name).body, imports.GET.result)

    assert task.finished is finished
    assert len(task.asset_uids) == assets
    assert task.messages.error == error


def test_paired_data_is_named_by_the_end_of_its_address():
    paired = structure(recording("paired_get").body, paired_data.GET.result)

    assert paired.uid == "pdGtNV4Nf6JWQPUdYrpcJHw"


def test_a_linked_file_is_told_from_a_stored_one():
    files_of_form = [
        structure(item, files.LIST.result) for item in recording("files_list").body["results"]
    ]

    assert [one.is_remote for one in files_of_form] == [False, False, False, True, True, False]


def test_a_failed_snapshot_has_no_preview():
    page = b"<html><body>The form could not be shown</body></html>"
    with pytest.raises(UnexpectedShape, match="not a str"):
        structure(page, snapshots.PREVIEW_URL.result)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("asset_xls", assets.Assets.download_xls),
        ("asset_xml", assets.Assets.download_xml),
        ("asset_table_view", assets.Assets.table_view_html),
        ("asset_xls_slash", assets.Assets.xls_html),
    ],
)
async def test_a_form_comes_as_the_bytes_that_the_server_sent(name, method):
    one = recording(name)
    server = Answering(one)
    uid = one.path.split("/")[4].partition(".")[0]

    assert await method(assets.Assets(server), uid) == one.reply.body
    assert server.call.path == one.path


@pytest.mark.anyio
async def test_the_bytes_of_a_file_are_downloaded():
    one = recording("file_content")
    (_, uid_asset, _, uid_file, _) = one.path.strip("/").split("/")[2:]
    server = Answering(one)

    assert await files.Files(server).download(uid_asset, uid_file) == b"name,label\na,A\n"
    assert server.call == call_of(files.DOWNLOAD, one)


@pytest.mark.parametrize("name", ["asset_delete", "file_delete", "paired_delete"])
def test_a_deletion_is_answered_with_nothing(name: str):
    one = recording(name)
    (op,) = (op for op in OPS if op.method == "DELETE" and one in recordings_of(op))

    assert judged(op, one) is None
