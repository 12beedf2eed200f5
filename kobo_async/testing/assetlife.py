"""What happens to an asset: it is renamed, rewritten, deployed, archived (observed §3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from kobo_async.testing.asset import AssetFacts, content_hash, deployment_of, stamp
from kobo_async.testing.assetfields import fitting_type, saved_content
from kobo_async.testing.assetfiles import AssetFile
from kobo_async.testing.generate import Generator
from kobo_async.testing.media import Medium
from kobo_async.testing.paths import BASE
from kobo_async.testing.rowlife import RowLife
from kobo_async.testing.standardize import title_of
from kobo_async.testing.store import RowStore
from kobo_async.testing.summary import report_styles, summary_of
from kobo_async.testing.xlsform import check_form

if TYPE_CHECKING:
    from kobo_async.testing.server import FakeKobo

_LISTED: Final = 100


class AssetLife(RowLife):
    """An asset and its versions, the newest first."""

    def __init__(
        self,
        server: FakeKobo,
        asset: dict[str, Any],
        versions: list[dict[str, Any]],
        store: RowStore,
        generator: Generator,
    ) -> None:
        super().__init__(server, asset, store, generator)
        self.versions = versions
        self.asset_files: dict[str, AssetFile] = {}

    @property
    def deployed(self) -> bool:
        """Whether there is data to ask for; archived forms still have theirs."""
        return bool(self._asset["has_deployment"])

    @property
    def active(self) -> bool:
        """Whether the form takes submissions: deployed and not archived."""
        return bool(self._asset["deployment__active"])

    def touch(self, by: str | None) -> None:
        """Note who saved the asset, and when."""
        self._asset["date_modified"] = stamp(self._server.now())
        self._asset["last_modified_by"] = by

    def rename(self, name: str, by: str | None) -> None:
        """Give another name; that makes a version too, with the same content."""
        before = self.name
        if name == before:
            return
        self._asset["name"] = name
        self._new_version()
        self.log("update-name", by, name={"old": before, "new": name})

    def rewrite(self, content: dict[str, Any], by: str | None) -> None:
        """Replace the content, which makes a new version; a title in it becomes the name."""
        title = title_of(content)
        self._store_content(saved_content(self._server, self.asset_type, content))
        if title:
            self._asset["name"] = title
        self._new_version()
        self.log("update-content", by, latest_version_uid=self._asset["version_id"])

    def apply(self, changes: dict[str, Any], by: str | None) -> None:
        """Change other fields; settings are merged."""
        if "settings" in changes:
            self._merge_settings(changes["settings"], by)
        others = {name: value for name, value in changes.items() if name != "settings"}
        sharing = bool(self._asset["data_sharing"].get("enabled"))
        self._asset |= others
        if bool(self._asset["data_sharing"].get("enabled")) is not sharing:
            self.log("disable-sharing" if sharing else "enable-sharing", by)
        self.touch(by)

    def _merge_settings(self, settings: dict[str, Any], by: str | None) -> None:
        before = self._asset["settings"]
        after = {**before, **settings}
        countries = after.get("country") or []
        if "country_codes" in after or countries:
            after["country_codes"] = [one["value"] for one in countries]
        changed = {
            name: {"old": before.get(name), "new": value}
            for name, value in after.items()
            if before.get(name) != value
        }
        self._asset["settings"] = after
        if changed:
            self.log("update-settings", by, settings=changed)

    def _store_content(self, content: dict[str, Any]) -> None:
        asset = self._asset
        asset["content"] = content
        asset["summary"] = summary_of(content)
        asset["report_styles"] = report_styles(content, asset["report_styles"])
        asset["asset_type"] = fitting_type(asset["asset_type"], content)
        self._generator = self._server.generator_for(asset)

    def _new_version(self) -> None:
        asset = self._asset
        if asset["asset_type"] == "collection":
            return
        uid = self._server.new_uid("v")
        digest = content_hash(asset["content"])
        version = {
            "uid": uid,
            "url": f"{BASE}/api/v2/assets/{self.uid}/versions/{uid}/",
            "content_hash": digest,
            "date_deployed": False,
            "date_modified": stamp(self._server.now()),
            "version_number": f"{len(self._deployed)}.{self._drafts + 1}",
            "content": asset["content"],
        }
        self.versions.insert(0, version)
        asset |= {"version_id": uid, "version__content_hash": digest}
        asset["version_count"] = len(self.versions)

    @property
    def _deployed(self) -> list[dict[str, Any]]:
        return [version for version in self.versions if version["date_deployed"]]

    @property
    def _drafts(self) -> int:
        """How many versions have come since the latest that was deployed."""
        flags = [bool(version["date_deployed"]) for version in self.versions]
        return flags.index(True) if True in flags else len(flags)

    def deploy(self, by: str | None, *, active: bool = True) -> None:
        """Deploy the newest version, for the first time or again.

        Raises:
            FormError: for a form that makes no XForm.
        """
        check_form(self.content, self.name, self.uid)
        again = self.deployed
        self._mark_deployed()
        if not again:
            self._asset["deployment__uuid"] = self._server.new_hex()
        self._put_online(active=active)
        self._sync_media()
        version = self._asset["version_id"]
        uids = {"latest_version_uid": version, "latest_deployed_version_uid": version}
        self.log("redeploy" if again else "deploy", by, **uids)

    def _mark_deployed(self) -> None:
        newest, now = self.versions[0], stamp(self._server.now())
        if not newest["date_deployed"]:
            newest["version_number"] = str(len(self._deployed) + 1)
            newest["date_deployed"] = newest["date_modified"] = now
        listed = [{**version} for version in self._deployed]
        for version in listed:
            version.pop("content", None)
        self._asset |= {
            "has_deployment": True,
            "date_deployed": now,
            "deployed_version_id": newest["uid"],
            "deployed_versions": {
                "count": len(listed),
                "next": None,
                "previous": None,
                "results": listed[:_LISTED],
            },
        }

    def _put_online(self, *, active: bool) -> None:
        asset = self._asset
        facts = AssetFacts(
            uid=self.uid,
            name=self.name,
            owner=str(asset["owner__username"]),
            asset_type=self.asset_type,
            content=asset["content"],
            version_uid=asset["version_id"],
            form_uuid=asset["deployment__uuid"],
            created=self._server.now(),
            deployed=True,
        )
        made = deployment_of(facts)
        for name in ("links", "data_download_links"):
            asset[f"deployment__{name}"] = made[f"deployment__{name}"]
        asset["deployment__active"] = active
        asset["deployment_status"] = "deployed" if active else "archived"
        self._generator = self._server.generator_for(asset)

    def add_file(self, file: AssetFile, by: str | None) -> None:
        """Take a file; clients of the form get it after the next deployment."""
        self.asset_files[file.uid] = file
        self._note_file("add-media", file, by)

    def delete_file(self, file: AssetFile, by: str | None) -> None:
        """Remove a file; clients of the form lose it after the next deployment."""
        del self.asset_files[file.uid]
        self._note_file("delete-media", file, by)

    def _note_file(self, action: str, file: AssetFile, by: str | None) -> None:
        entries = [one.entry(self.uid) for one in self.asset_files.values()]
        self._asset["files"] = entries
        if file.file_type == "form_media":
            facts = {"uid": file.uid, "filename": file.filename, "md5_hash": file.digest}
            metadata: dict[str, Any] = {"asset-file": facts}
            self.log(action, by, **metadata)

    def keep_files(self, files: Iterable[AssetFile]) -> None:
        """Take the files a form was loaded with; clients get them at once, as if redeployed."""
        self.asset_files = {file.uid: file for file in files}
        self._sync_media()

    def _sync_media(self) -> None:
        """Give clients the files the form has now."""
        self.media = [
            Medium(
                number,
                one.filename,
                one.mimetype,
                one.content,
                one.redirect_url,
                one.known_digest,
            )
            for number, one in enumerate(self.asset_files.values(), 1)
            if one.file_type == "form_media"
        ]

    def archive(self, *, by: str | None = None) -> None:
        """Archive the form; its data stays readable (observed §4)."""
        self.activate(active=False, by=by)

    def unarchive(self, *, by: str | None = None) -> None:
        """Undo `archive`."""
        self.activate(active=True, by=by)

    def activate(self, *, active: bool, by: str | None = None) -> None:
        """Archive the form or take it back; nothing happens where it is so already."""
        if self.deployed and self.active is not active:
            self._asset["deployment__active"] = active
            self._asset["deployment_status"] = "deployed" if active else "archived"
            self._asset["date_modified"] = stamp(self._server.now())
            by = by or str(self._asset["owner__username"])
            version = self._asset["version_id"]
            self.log("unarchive" if active else "archive", by, latest_version_uid=version)
