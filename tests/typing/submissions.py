"""User code that writes and asks for submissions. mypy reads it; nobody runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, assert_type

from kobo_async import (
    Answers,
    Condition,
    DryRun,
    Filled,
    KoboClient,
    Outcome,
    Page,
    Pages,
    Q,
    Receipt,
    Row,
    Submitted,
    Upload,
    Where,
    q,
    where,
)
from kobo_async.call import Call
from kobo_async.models.advanced import Accepted, AdvancedFeature, BulkAction, QualTag
from kobo_async.models.attachment import AttachmentsDeleted, AudioDurations
from kobo_async.models.language import Language, LanguageService
from kobo_async.models.openrosa import FormEntry, InstanceChunk, MediaEntry
from kobo_async.models.submission import BulkDone, EditOutcome, EnketoLink, ValidationStatus
from kobo_async.resources.submissions import UnreadPage

ROOF = Upload("photo", "roof.jpg", b"", "image/jpeg")


async def submitting(client: KoboClient, uid: str) -> None:
    answers: Answers = {"household/head": "Amina", "members": [{"members/age": 31}]}
    receipt = await client.submissions.submit(uid, answers, files=[ROOF], instance_id="uuid:0")
    assert_type(receipt, Receipt)
    assert_type(receipt.duplicate, bool)
    assert_type(await client.submissions.submit(uid, b"<data/>"), Receipt)
    filled = (Filled({"a": n}, [ROOF]) for n in range(10))
    outcomes = await client.submissions.submit_many(uid, filled, check=False)
    assert_type(outcomes, list[Submitted])
    assert_type([one.duplicate for one in outcomes if not one.done], list[bool])
    await client.submissions.submit(uid, "<data/>")  # type: ignore[arg-type]
    await client.submissions.submit_many(uid, [answers])  # type: ignore[list-item]


async def editing(client: KoboClient, uid: str) -> None:
    changes: dict[str, Any] = {"members[2]/age": 32, "remarks": None}
    assert_type(await client.submissions.edit(uid, 17, changes=changes), Receipt)
    assert_type(await client.submissions.edit(uid, "uuid:0", changes=changes, check=False), Receipt)
    assert_type(await client.submissions.edit_many(uid, {17: {"a": 1}, 18: changes}), list[Outcome])
    edited = await client.submissions.bulk_update(uid, submission_ids=[17], data={"a": "1"})
    assert_type(edited, EditOutcome)
    assert_type(await client.submissions.document(uid, 17), bytes)
    assert_type(await client.submissions.duplicate(uid, 17), Row)
    await client.submissions.edit(uid, 17, {"a": 1})  # type: ignore[call-arg]
    await client.submissions.edit_many(uid, {"17": {"a": 1}})  # type: ignore[dict-item]


async def deleting(client: KoboClient, uid: str) -> None:
    assert_type(await client.submissions.delete(uid, 17), None)
    assert_type(await client.submissions.delete_many(uid, [17, 18]), list[Outcome])
    assert_type(await client.submissions.delete_all(uid, expected=3, where={"a": "1"}), int)
    assert_type(await client.submissions.bulk_delete(uid, submission_ids=[17]), BulkDone)
    await client.submissions.delete_all(uid)  # type: ignore[call-arg]


async def validating(client: KoboClient, uid: str) -> None:
    approved = await client.submissions.set_validation_status(
        uid, 17, status="validation_status_approved"
    )
    assert_type(approved, ValidationStatus)
    assert_type(await client.submissions.validation_status(uid, 17), ValidationStatus)
    assert_type(await client.submissions.clear_validation_status(uid, 17), None)
    outcomes = await client.submissions.set_validation_status_many(
        uid, {17: "validation_status_on_hold", 18: None}
    )
    assert_type(outcomes, list[Outcome])
    done = await client.submissions.bulk_set_validation_status(
        uid, submission_ids=[17], status="validation_status_not_approved"
    )
    assert_type(done, BulkDone)
    cleared = await client.submissions.bulk_clear_validation_status(uid, submission_ids=[17])
    assert_type(cleared, BulkDone)
    await client.submissions.set_validation_status(uid, 17, status="ok")  # type: ignore[arg-type]


async def links(client: KoboClient, uid: str) -> None:
    assert_type(await client.submissions.edit_link(uid, 17), EnketoLink)
    assert_type(await client.submissions.legacy_edit_link(uid, 17), EnketoLink)
    assert_type(await client.submissions.view_link(uid, 17), EnketoLink)
    assert_type(await client.submissions.edit_redirect(uid, 17), str)
    assert_type(await client.submissions.view_redirect(uid, 17), str)


async def unread(client: KoboClient, uid: str) -> None:
    page = await client.submissions.unread(uid, limit=10)
    assert_type(page, UnreadPage)
    assert_type(page.read(), Page[Row])


async def conditions(client: KoboClient, uid: str) -> None:
    region = where.field("general/region")
    fits = (region == "north") & where.submitted_after(datetime(2026, 1, 1, tzinfo=UTC))
    assert_type(fits, Condition)
    assert_type(region != "south", Condition)
    assert_type(region.one_of(["a", "b"]) | region.none_of(["c"]), Condition)
    assert_type(region.exists() | region.absent(), Condition)
    assert_type(region.chose("a") & region.contains("b", ignore_case=True), Condition)
    assert_type(region.matches("^n") & region.text_gt("a") & region.text_gte("a"), Condition)
    assert_type(region.text_lt("z") & region.text_lte("z"), Condition)
    assert_type(where.ids(1, 2) | where.submitted_by("bob", None), Condition)
    assert_type(where.status("validation_status_approved") & where.edited(), Condition)
    before = where.submitted_before(datetime(2026, 1, 1, tzinfo=UTC))
    assert_type(where.in_repeat("members", before), Condition)
    asset = await client.assets.get(uid)
    assert_type(fits.check(asset.content), Condition)
    wanted: Where = fits
    async with client.submissions.stream(uid, where=wanted) as rows:
        async for row in rows:
            assert_type(row, Row)
    where.status("approved")  # type: ignore[arg-type]
    fits & {"a": "1"}  # type: ignore[operator]


def projects() -> Q:
    named = q.field("name").startswith("Wells") | ~q.text("draft")
    assert_type(named & q.surveys() & q.deployed(), Q)
    return named & (q.field("owner__username") == "bob")


async def dry_runs(client: KoboClient, uid: str) -> list[Call[Any]]:
    async with client.dry_run() as dry:
        assert_type(dry, DryRun)
        await dry.submissions.delete_many(uid, [17])
    assert_type(dry.ended, bool)
    return dry.calls


async def attachments(client: KoboClient, uid: str) -> None:
    assert_type(await client.attachments.download(uid, 17, "attUid", format="mp3"), bytes)
    assert_type(await client.attachments.download_thumb(uid, 17, "attUid", "small"), bytes)
    assert_type(await client.attachments.get_by_xpath(uid, 17, xpath="photo"), bytes)
    async with client.attachments.stream(uid, 17, "attUid") as body:
        async for piece in body:
            assert_type(piece, bytes)
    lengths = await client.attachments.audio_durations(uid, attachment_uids=["attUid"])
    assert_type(lengths, AudioDurations)
    assert_type(await client.attachments.delete(uid, "attUid"), None)
    gone = await client.attachments.bulk_delete(uid, submission_root_uuids=["0-0"])
    assert_type(gone, AttachmentsDeleted)
    await client.attachments.download_thumb(uid, 17, "a", "tiny")  # type: ignore[arg-type]


async def openrosa(client: KoboClient, uid: str) -> None:
    assert_type(await client.openrosa.form_list(form_id=uid), list[FormEntry])
    assert_type(await client.openrosa.form_list_anonymous("bob"), list[FormEntry])
    assert_type(await client.openrosa.form_list_collector("token"), list[FormEntry])
    assert_type(await client.openrosa.snapshot_form_list("sUid"), list[FormEntry])
    assert_type(await client.openrosa.manifest(1), list[MediaEntry])
    assert_type(await client.openrosa.manifest_anonymous("bob", 1), list[MediaEntry])
    assert_type(await client.openrosa.manifest_collector("token", 1), list[MediaEntry])
    assert_type(await client.openrosa.snapshot_manifest("sUid"), list[MediaEntry])
    assert_type(await client.openrosa.form_xml(1), bytes)
    assert_type(await client.openrosa.submit(xml=b"<data/>", files=[ROOF]), Receipt)
    assert_type(await client.openrosa.submit_json(form_id=uid, submission={"a": "1"}), Receipt)
    assert_type(await client.openrosa.submit_anonymous("bob", xml=b"<data/>"), Receipt)
    assert_type(await client.openrosa.submit_collector("token", xml=b"<data/>"), Receipt)
    assert_type(await client.openrosa.snapshot_submit("sUid", xml=b"<data/>"), bytes)
    assert_type(await client.openrosa.largest_body(), int | None)
    assert_type(client.openrosa.instance_ids(form_id=uid), AsyncIterator[str])
    assert_type(await client.openrosa.instance_chunk(form_id=uid, limit=10), InstanceChunk)
    assert_type(await client.openrosa.instance(form_id=uid, instance_id="uuid:0"), bytes)


async def speech_and_meaning(client: KoboClient, uid: str) -> None:
    feature = await client.advanced_features.create(
        uid, question_xpath="talk", action="manual_transcription", params=[{"language": "en"}]
    )
    assert_type(feature, AdvancedFeature)
    assert_type(client.advanced_features.list(uid), Pages[AdvancedFeature])
    assert_type(await client.advanced_features.get(uid, "qafUid"), AdvancedFeature)
    assert_type(await client.advanced_features.update(uid, "qafUid", params=[]), AdvancedFeature)
    assert_type(client.qual_tags.list(uid, "question"), Pages[QualTag])
    assert_type(await client.supplements.get(uid, "0-0"), dict[str, Any])
    assert_type(await client.supplements.update(uid, "0-0", changes={"talk": {}}), dict[str, Any])
    accepted = await client.supplements.bulk_accept(
        uid,
        submission_uids=["0-0"],
        question_xpath="talk",
        action_id="automatic_google_transcription",
    )
    assert_type(accepted, Accepted)


async def automatic(client: KoboClient, uid: str) -> None:
    action = await client.bulk_actions.create(
        uid,
        action_id="automatic_google_transcription",
        question_xpath="talk",
        submission_uuids=["0-0"],
        language="en",
    )
    assert_type(action, BulkAction)
    assert_type(client.bulk_actions.list(uid, status=["pending"]), Pages[BulkAction])
    assert_type(await client.bulk_actions.get(uid, "sbaUid"), BulkAction)
    assert_type(await client.bulk_actions.cancel(uid, "sbaUid"), BulkAction)
    assert_type(client.languages.list(q="fr"), Pages[Language])
    assert_type(await client.languages.get("fr"), Language)
    assert_type(client.languages.transcription_services(), Pages[LanguageService])
    assert_type(await client.languages.get_transcription_service("goog"), LanguageService)
    assert_type(client.languages.translation_services(), Pages[LanguageService])
    assert_type(await client.languages.get_translation_service("goog"), LanguageService)
