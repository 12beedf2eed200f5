"""User code around projects: assets, forms, files, exports. mypy reads it; nobody runs it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_type

from kobo_async import (
    Asset,
    AssetFile,
    Exported,
    ExportOptions,
    ExportTask,
    ExportType,
    KoboClient,
    Pages,
    SyncExported,
    Version,
)
from kobo_async.models.asset import (
    AssetContent,
    AssetsMetadata,
    BulkOutcome,
    MinimalAsset,
    StatusCounts,
    SubmissionCounts,
)
from kobo_async.models.deployment import Deployment
from kobo_async.models.export import ExportSetting
from kobo_async.models.imports import ImportTask
from kobo_async.models.library import Subscription, Tag
from kobo_async.models.paired_data import PairedData
from kobo_async.models.report import Report
from kobo_async.models.snapshot import Snapshot
from kobo_async.verbs.media import SyncReport
from kobo_async.verbs.saving import Saved

CONTENT = {"survey": [{"type": "text", "name": "a", "label": "A"}]}


async def assets(client: KoboClient, uid: str) -> None:
    assert_type(client.assets.minimal_list(ordering="name", status="shared"), Pages[MinimalAsset])
    made = await client.assets.create(asset_type="survey", name="Wells", content=CONTENT)
    assert_type(made, Asset)
    assert_type(await client.assets.clone(clone_from=uid, asset_type="template"), Asset)
    assert_type(await client.assets.update(uid, name="Wells", parent=None), Asset)
    assert_type(await client.assets.replace_content(uid, content=CONTENT), Asset)
    assert_type(await client.assets.delete(uid), None)
    assert_type(await client.assets.hash(), str)
    assert_type(await client.assets.metadata(status="private"), AssetsMetadata)
    assert_type(await client.assets.status_counts(), StatusCounts)
    assert_type(await client.assets.submission_counts(uid, days=7), SubmissionCounts)
    assert_type(await client.assets.content(uid), AssetContent)
    assert_type(await client.assets.valid_content(uid), AssetContent)
    await client.assets.create(asset_type="form")  # type: ignore[arg-type]
    await client.assets.clone(uid)  # type: ignore[call-arg]


async def assets_as_files(client: KoboClient, uid: str) -> None:
    assert_type(await client.assets.download_xls(uid), bytes)
    assert_type(await client.assets.download_xml(uid), bytes)
    assert_type(await client.assets.xls_html(uid), bytes)
    assert_type(await client.assets.xform_html(uid), bytes)
    assert_type(await client.assets.table_view_html(uid), bytes)


async def many_assets(client: KoboClient, uids: list[str]) -> None:
    assert_type(await client.assets.archive(asset_uids=uids), BulkOutcome)
    assert_type(await client.assets.unarchive(asset_uids=uids), BulkOutcome)
    assert_type(await client.assets.undelete(asset_uids=uids), BulkOutcome)
    assert_type(await client.assets.bulk_action(action="archive", asset_uids=uids), BulkOutcome)
    assert_type(await client.assets.delete_many(asset_uids=uids, expected=2), BulkOutcome)
    await client.assets.delete_many(asset_uids=uids)  # type: ignore[call-arg]
    await client.assets.bulk_action(action="delete", asset_uids=uids)  # type: ignore[arg-type]


async def forms(client: KoboClient, uid: str, folder: Path) -> None:
    made = await client.forms.import_xlsform(folder / "wells.xlsx", name="Wells", deploy=True)
    assert_type(made, Asset)
    assert_type(made.content, Mapping[str, Any] | None)
    await client.forms.import_xlsform(b"PK", destination=uid, timeout=60)
    assert_type(await client.forms.wait_imported("iUid"), ImportTask)
    assert_type(await client.forms.create("Wells", CONTENT, deploy=True), Asset)
    assert_type(await client.forms.deploy(uid), Asset)
    assert_type(await client.forms.redeploy(uid), Asset)
    assert_type(await client.forms.archive(uid), Asset)
    assert_type(await client.forms.unarchive(uid), Asset)
    assert_type(await client.forms.wait_deployed(uid, timeout=60), Asset)
    assert_type(await client.forms.clone(uid, name="Copy", version="vUid", deploy=True), Asset)
    assert_type(await client.forms.replace_content(uid, CONTENT, redeploy=True), Asset)
    assert_type(await client.forms.replace_content(uid, "wells.xlsx"), Asset)
    assert_type(await client.forms.download_xlsx(uid, folder / "form.xlsx"), Path)
    assert_type(await client.forms.download_xml(uid, "form.xml"), Path)
    await client.forms.clone(uid, asset_type="collection")  # type: ignore[arg-type]


async def deployments(client: KoboClient, uid: str) -> None:
    deployed = await client.deployments.deploy(uid)
    assert_type(deployed, Deployment)
    assert_type(deployed.asset, Asset)
    assert_type(await client.deployments.get(uid), Deployment)
    assert_type(await client.deployments.redeploy(uid, version_id="vUid"), Deployment)
    assert_type(await client.deployments.archive(uid), Deployment)
    assert_type(await client.deployments.unarchive(uid), Deployment)
    await client.deployments.redeploy(uid)  # type: ignore[call-arg]


async def versions(client: KoboClient, uid: str) -> None:
    assert_type(client.versions.list(uid, deployed=True), Pages[Version])
    assert_type((await client.versions.get(uid, "vUid")).content, Mapping[str, Any] | None)


async def imports(client: KoboClient, uid: str) -> None:
    task = await client.imports.create(content=b"PK", filename="a.xlsx", desired_type="block")
    assert_type(task, ImportTask)
    assert_type(task.finished, bool)
    from_text = await client.imports.create_from_base64(encoded="UEs=", filename="a.xlsx")
    assert_type(from_text, ImportTask)
    assert_type(await client.imports.create_from_url(url="https://x.test/a.xlsx"), ImportTask)
    replaced = await client.imports.replace(destination=uid, content=b"PK", filename="a.xlsx")
    assert_type(replaced, ImportTask)
    assert_type(await client.imports.get(task.uid), ImportTask)
    assert_type(client.imports.list(), Pages[ImportTask])


async def files(client: KoboClient, uid: str, folder: Path) -> None:
    report = await client.files.sync(uid, folder, redeploy=True, delete=False)
    assert_type(report, SyncReport)
    assert_type(report.added, tuple[str, ...])
    assert_type(await client.files.compare(uid, "media"), SyncReport)
    assert_type(client.files.list(uid, file_type="form_media"), Pages[AssetFile])
    assert_type(await client.files.upload(uid, filename="a.csv", content=b"a"), AssetFile)
    assert_type(await client.files.upload_base64(uid, filename="a.csv", encoded="YQ=="), AssetFile)
    assert_type(await client.files.link(uid, redirect_url="https://x.test/a.csv"), AssetFile)
    assert_type(await client.files.get(uid, "afUid"), AssetFile)
    assert_type(await client.files.download(uid, "afUid"), bytes)
    assert_type(await client.files.delete(uid, "afUid"), None)
    await client.files.upload(uid, filename="a.csv", content="a")  # type: ignore[arg-type]


async def exports(client: KoboClient, uid: str, folder: Path) -> None:
    kind: ExportType = "geojson"
    assert_type(await client.exports.run(uid, type=kind, path=folder / "wells.geojson"), Exported)
    result = await client.exports.run(uid, ExportOptions("csv", lang="_xml", fields=["a"]))
    assert_type(result.content, bytes | None)
    assert_type(result.submissions, int | None)
    synchronous = await client.exports.sync_export(uid, "esUid", format="xlsx")
    assert_type(synchronous, SyncExported)
    assert_type(synchronous.age, float | None)
    task = await client.exports.create(uid, options=ExportOptions("xls"))
    assert_type(task, ExportTask)
    assert_type(await client.exports.wait(uid, task.uid, timeout=60), ExportTask)
    assert_type(await client.exports.fetch(task, path=folder / "a.xlsx"), Saved)
    assert_type(await client.exports.get(uid, task.uid), ExportTask)
    assert_type(client.exports.list(uid, status="complete", type="csv"), Pages[ExportTask])
    assert_type(await client.exports.delete(uid, task.uid), None)
    assert_type(await client.exports.download_sync(uid, "esUid", format="csv"), bytes)
    await client.exports.run(uid, type="xlsx")  # type: ignore[arg-type]


async def export_settings(client: KoboClient, uid: str) -> None:
    options = ExportOptions("csv", multiple_select="both")
    kept = await client.export_settings.create(uid, name="All", options=options)
    assert_type(kept, ExportSetting)
    assert_type(await client.export_settings.get(uid, kept.uid), ExportSetting)
    assert_type(await client.export_settings.update(uid, kept.uid, name="Some"), ExportSetting)
    assert_type(await client.export_settings.delete(uid, kept.uid), None)
    assert_type(client.export_settings.list(uid), Pages[ExportSetting])


async def library(client: KoboClient, uid: str) -> None:
    shelf = await client.library.create_collection("Shelf")
    assert_type(shelf, Asset)
    block = await client.library.create_item("Roster", CONTENT, collection=shelf.uid)
    assert_type(block, Asset)
    assert_type(client.library.collections(), Pages[Asset])
    assert_type(client.library.children(shelf.uid), Pages[Asset])
    assert_type(await client.library.put(uid, collection=shelf.uid), Asset)
    assert_type(await client.library.take_out(uid), Asset)
    followed = await client.library.subscribe(asset=shelf.uid)
    assert_type(followed, Subscription)
    assert_type(await client.library.get_subscription(followed.uid), Subscription)
    assert_type(client.library.subscriptions(), Pages[Subscription])
    assert_type(await client.library.unsubscribe(followed.uid), None)
    await client.library.create_item("A", CONTENT, asset_type="survey")  # type: ignore[arg-type]


async def snapshots(client: KoboClient, uid: str) -> None:
    snapshot = await client.snapshots.create(asset=uid)
    assert_type(snapshot, Snapshot)
    assert_type(await client.snapshots.create_from_content(source=CONTENT), Snapshot)
    assert_type(await client.snapshots.get(snapshot.uid), Snapshot)
    assert_type(client.snapshots.list(), Pages[Snapshot])
    assert_type(await client.snapshots.preview_url(snapshot.uid), str)
    assert_type(await client.snapshots.xml(snapshot.uid), bytes)
    assert_type(await client.snapshots.xml_with_disclaimer(snapshot.uid), bytes)
    assert_type(await client.snapshots.xform_html(snapshot.uid), bytes)
    assert_type(await client.snapshots.delete(snapshot.uid), None)


async def paired_data(client: KoboClient, uid: str, other: str) -> None:
    pair = await client.paired_data.create(uid, source=other, filename="wells", fields=["a"])
    assert_type(pair, PairedData)
    assert_type(client.paired_data.list(uid), Pages[PairedData])
    assert_type(await client.paired_data.get(uid, "pdUid"), PairedData)
    assert_type(await client.paired_data.update(uid, "pdUid", fields=[]), PairedData)
    assert_type(await client.paired_data.external_xml(uid, "pdUid"), bytes)
    assert_type(await client.paired_data.delete(uid, "pdUid"), None)


async def reports_and_tags(client: KoboClient, uid: str) -> None:
    assert_type(await client.reports.get(uid, names=["a"], split_by="b"), Report)
    assert_type(client.tags.list(), Pages[Tag])
