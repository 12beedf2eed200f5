"""One afternoon of a project manager, replayed."""

from __future__ import annotations

import ast
import json
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from kobo_async.testing import ANONYMOUS, FakeKobo
from kobo_async.testing.tasks import Pace

from .comparing import compare_text, elements, shape
from .test_recordings import (
    COLLECTION,
    DATA,
    DRAFT,
    HOUSEHOLD,
    ORIGIN,
    QUESTION,
    RECORDINGS,
    SANDBOX,
    authorization,
    read,
)

IN_SCOPE = re.compile(
    r"""(?:POST|PATCH|PUT|DELETE)\ /api/v2/assets/([^/]+/)?
    | \w+\ /api/v2/assets/[^/]+/(?:deployment|content|valid_content|table_view|xls|xform|counts
        |reports|hooks|hook-signal|files|exports|export-settings|paired-data|versions|clone)/.*
    | \w+\ /api/v2/assets/(?:bulk|hash|metadata|minimal-list|counts)/
    | \w+\ /api/v2/assets/[^/]+\.(?:xml|xls|xlsx)
    | \w+\ /api/v2/(?:imports|organizations|asset_usage|service_usage|access-logs|languages|tags
        |terms-of-service|transcription-services|translation-services|asset_snapshots
        |asset_subscriptions|project-ownership|project-views)[/.].*
    | \w+\ /private-media/.*""",
    re.VERBOSE,
)
ALSO = ("asset_get_after_delete", "asset_format_xls")
_FIRST = """
asset_create_minimal asset_create_no_name asset_create_no_type asset_create_bad_type
asset_create_bad_content asset_create_form_encoded asset_create_malformed_json
asset_create_template asset_create_collection asset_create_block asset_patch_name
asset_patch_content asset_patch_content_string asset_patch_settings asset_patch_tag_string
asset_put asset_patch_parent asset_patch_parent_null deployment_post deployment_get
deployment_post_again asset_patch_content_v2 deployment_redeploy_no_version
deployment_redeploy_version deployment_redeploy_bogus_version deployment_archive
deployment_unarchive deployment_invalid_form deployment_post_invalid_form versions_list
snapshot_create assets_bulk_archive assets_bulk_unarchive export_dup_1 export_dup_2 es_list_empty
es_create es_create_bool es_create_dup_name es_get es_patch export_list export_query_done
sync_data_csv sync_data_xlsx es_patch_settings es_put perm_anon_export hook_list_empty hook_logs
hook_logs_fail files_list_empty file_upload_multipart file_upload_base64 file_upload_base64_json
file_upload_redirect file_upload_redirect_filename file_upload_map_layer asset_sandbox_share
paired_list_empty paired_create paired_get paired_list paired_external_xml paired_patch
import_xlsx_file import_base64 orgs org_get access_logs_me_export import_library_false
ownership_invite ownership_invite_bob_get deployment_archive_sb
"""
FIRST = _FIRST.split()
_LAST = """
asset_delete asset_delete_again asset_get_after_delete assets_bulk_delete assets_bulk_delete2
assets_bulk_undelete es_delete hook_patch hook_delete file_delete paired_delete
"""
LAST = _LAST.split()
"""What happened within a second comes in these orders, the rest of the second between them."""


def moment(name: str) -> datetime:
    cookie = read(name)["response"]["headers"]["set-cookie"]
    return parsedate_to_datetime(cookie.split("expires=")[1].split(";")[0]) - timedelta(days=7)


def _order(name: str) -> tuple[datetime, int, bool]:
    places = {one: place for place, one in enumerate(FIRST, -len(FIRST))}
    places |= {one: place for place, one in enumerate(LAST, 1)}
    return moment(name), places.get(name, 0), read(name)["request"]["method"] == "GET"


def names() -> list[str]:
    found = list(ALSO)
    for path in RECORDINGS.glob("*.json"):
        request = read(path.stem)["request"]
        if path.stem not in ALSO and IN_SCOPE.fullmatch(f"{request['method']} {request['path']}"):
            found.append(path.stem)
    return sorted(found, key=_order)


NAMES = names() if RECORDINGS.is_dir() else []

UNLIKE = {"assets_minimal_list", "org_assets", "org_asset_usage", "asset_usage", "export_list"}
"""Lists of which the places say nothing."""

State = Callable[["Session"], None]
TOKEN = re.compile(r"(?<!\w)(?:[a-z]{1,3}[2-9A-Za-z]{21,22}|[\w-]+_-_[\w.-]+\.\w+)(?!\w)")
"""What servers name differently: uids, and files they have made."""
HEADERS = (
    "allow",
    "cache-control",
    "content-disposition",
    "location",
    "retry-after",
    "vary",
    "www-authenticate",
    "x-kobonaut",
)


class Session:
    """A server that lives through the recordings, and what it names differently."""

    def __init__(self) -> None:
        self.time = moment(NAMES[0])
        self.fake = FakeKobo(now=lambda: self.time)
        self.fake.add_user("bob")
        self.fake.add_user("admin", superuser=True)
        self.fake.import_pace = self.fake.export_pace = Pace(polls=0)
        self.fake.deliver = answer_hook
        self.names: dict[str, str] = {}
        for folder in ("household", "simple", "sandbox", "empty"):
            form = self.fake.load_form(DATA / folder)
            form.keep_files(())
            form.raw_asset["date_modified"] = form.versions[-1]["date_modified"]
        content: dict[str, Any] = {
            "survey": [{"type": "text", "name": "q1", "$kuid": "k", "label": ["Q1"]}]
        }
        content["survey"][0] |= {"$xpath": "q1", "$autoname": "q1"}
        content |= {"schema": "1", "settings": {}, "translated": ["label"], "translations": [None]}
        for name, uid, kind in (
            ("Draft form", DRAFT, "survey"),
            ("A library question", QUESTION, "question"),
            ("A collection", COLLECTION, "collection"),
        ):
            self.fake.add_form(name, uid=uid, asset_type=kind, deployed=False, content=content)

    async def run(self) -> dict[str, list[str]]:
        return {name: await self.replay(name) for name in NAMES}

    async def replay(self, name: str) -> list[str]:
        self.time = moment(name)
        for earlier in BEFORE.get(name, ()):
            if isinstance(earlier, str):
                self.learn(read(earlier)["response"], await self.send(earlier))
            else:
                earlier(self)
        recorded, reply = read(name)["response"], await self.send(name)
        if name not in UNLIKE:
            self.learn(recorded, reply)
        return self.differences(recorded, reply)

    async def send(self, name: str) -> httpx.Response:
        request = read(name)["request"]
        headers = {key: text for key, text in request["headers"].items() if key != "Authorization"}
        header = authorization(self.fake, name, request)
        if header:
            headers["Authorization"] = header
        if name == "sync_data_libreoffice":
            headers["User-Agent"] = "LibreOffice"
        body = self.body(request)
        headers |= body.pop("headers", {})
        transport = httpx.ASGITransport(self.fake)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return await client.request(
                request["method"],
                quote(self.translated(request["path"])),
                params=request.get("params"),
                headers=headers,
                **body,
            )

    def body(self, request: dict[str, Any]) -> dict[str, Any]:
        form = {key: self.translated(str(text)) for key, text in request.get("form", {}).items()}
        if "multipart_files" in request:
            return {"data": form, "files": [upload(text) for text in request["multipart_files"]]}
        if form:
            encoded = {"Content-Type": "application/x-www-form-urlencoded"}
            return {"content": urlencode(form), "headers": encoded}
        if "raw_body" in request:
            return {"content": request["raw_body"]}
        if "json" in request:
            return {"json": json.loads(self.translated(json.dumps(request["json"])))}
        return {}

    def translated(self, text: str) -> str:
        return TOKEN.sub(lambda match: self.names.get(match[0], match[0]), text)

    def learn(self, recorded: dict[str, Any], reply: httpx.Response) -> None:
        if recorded["body_type"] == "json" and recorded["status"] < 400 and reply.status_code < 400:
            self.pair(recorded["body"], reply.json())
        self.pair(recorded["headers"].get("location"), reply.headers.get("location"))

    def pair(self, there: Any, here: Any) -> None:
        """Learn names from values that stand at the same place."""
        if isinstance(there, dict) and isinstance(here, dict):
            for key in there.keys() & here.keys() - {"content", "source", "survey"}:
                self.pair(there[key], here[key])
        elif isinstance(there, list) and isinstance(here, list):
            for one, other in zip(there, here, strict=False):
                self.pair(one, other)
        elif isinstance(there, str) and isinstance(here, str):
            parts = there.split("/"), here.split("/")
            if len(parts[0]) == len(parts[1]):
                for one, other in zip(*parts, strict=True):
                    if one != other and TOKEN.fullmatch(one):
                        self.names[one] = other

    def differences(self, recorded: dict[str, Any], reply: httpx.Response) -> list[str]:
        found = []
        if reply.status_code != recorded["status"]:
            return [
                f"status {reply.status_code} instead of {recorded['status']}: {reply.text[:300]}"
            ]
        for header in ("content-type", *HEADERS):
            here, there = reply.headers.get(header), recorded["headers"].get(header)
            there = self.translated(there) if there else there
            if here != there and not (header == "x-kobonaut" and recorded["status"] == 500):
                found.append(f"{header}: {here!r} instead of {there!r}")
        return found + self.bodies(recorded, reply)

    def bodies(self, recorded: dict[str, Any], reply: httpx.Response) -> list[str]:
        there = recorded["body"]
        if recorded["body_type"] == "json":
            there = json.loads(self.translated(json.dumps(there)))
            here = reply.json()
            if recorded["status"] >= 400 or (isinstance(there, dict) and "detail" in there):
                return [] if here == there else [f"body {here} instead of {there}"]
            return shape(unnamed(there), unnamed(here), "")
        if recorded["body_type"] == "base64":
            there = b64decode(there).decode("latin-1")
        if there.startswith('"'):
            there, here = (text.split("\r\n")[0] for text in (there, reply.text))
            return [] if here == there else [f"columns {here} instead of {there}"]
        if "<h:html" in there:
            return compare_forms(self.translated(there), reply.text)
        if "<root><data" in there:
            same = set(elements(there)) == set(elements(reply.text))
            return [] if same else [f"other XML: {reply.text[:300]}"]
        return compare_text(self.translated(there), reply.text)


def unnamed(body: Any) -> Any:
    """Take out the styles of rows without names: their keys are made by chance."""
    asset = body.get("asset", body) if isinstance(body, dict) else None
    styles = asset.get("report_styles") if isinstance(asset, dict) else None
    for kuid in [
        key for key, value in (styles or {}).get("kuid_names", {}).items() if key == value
    ]:
        del styles["kuid_names"][kuid], styles["specified"][kuid]
    return body


def compare_forms(there: str, here: str) -> list[str]:
    """Compare two XForms: what they ask for, and where the answers go."""
    patterns = (r"<h:title>.*?<", r'nodeset="[^"]*"', r' ref="[^"]*"', r"<value>[^<]*")
    return [
        f"{pattern}: {sorted(others ^ ones)}"
        for pattern in patterns
        if (ones := set(re.findall(pattern, here))) != (others := set(re.findall(pattern, there)))
    ]


def upload(text: str) -> Any:
    """Read one recorded file; a workbook was cut there, but is whole in another recording."""
    try:
        return ast.literal_eval(text)
    except SyntaxError:
        encoded = read("import_base64")["request"]["form"]["base64Encoded"]
        return "file", ("h.xlsx", b64decode(encoded.partition(":")[2]))


def share_with_everybody(session: Session) -> None:
    session.fake.forms[SANDBOX].share(ANONYMOUS)


def share_with_bob(session: Session) -> None:
    session.fake.forms[SANDBOX].share("bob")


def answer_hook(delivery: Any) -> Any:
    return (500 if delivery.url.endswith("/fail") else 200), "ok"


def fail(session: Session) -> None:
    """The recorded server made no KML of these rows."""
    for export in session.fake.forms[HOUSEHOLD].exports:
        if export.data["type"] == "kml":
            export.progress.finished = True
            export.data["processing_time_seconds"] = 2.7
            export.messages = {"error": "not well-formed", "error_type": "ExpatError"}


def disconnect_enketo(session: Session) -> None:
    session.fake.enketo = False


def submit(session: Session) -> None:
    session.fake.forms[SANDBOX].insert()


BEFORE: dict[str, tuple[str | State, ...]] = {
    "export_download_csv": ("export_post_kml",),
    "export_list": (fail,),
    "perm_bob_delete_forbidden": (share_with_bob,),
    "perm_bob_patch_forbidden": (share_with_bob,),
    "snapshot_preview": (disconnect_enketo,),
    "perm_anon_export": (share_with_everybody,),
    "hook_logs": (submit,),
}
"""What happened before a recording and is not among the recordings."""
