# Written by dev/sync_stub.py: do not edit.
import builtins as _builtins
import collections.abc as _collections_abc
import contextlib as _contextlib
import datetime as _datetime
import kobo_async.attachments.manifest
import kobo_async.attachments.places
import kobo_async.attachments.report
import kobo_async.attachments.run
import kobo_async.bulk.download
import kobo_async.bulk.fetch
import kobo_async.bulk.report
import kobo_async.bulk.rows
import kobo_async.call
import kobo_async.client
import kobo_async.clock
import kobo_async.config
import kobo_async.dryrun
import kobo_async.events
import kobo_async.forms.columns
import kobo_async.forms.tabulate
import kobo_async.instance
import kobo_async.models.account
import kobo_async.models.advanced
import kobo_async.models.asset
import kobo_async.models.attachment
import kobo_async.models.billing
import kobo_async.models.deployment
import kobo_async.models.export
import kobo_async.models.file
import kobo_async.models.hook
import kobo_async.models.imports
import kobo_async.models.language
import kobo_async.models.library
import kobo_async.models.log
import kobo_async.models.openrosa
import kobo_async.models.organization
import kobo_async.models.ownership
import kobo_async.models.paired_data
import kobo_async.models.permission
import kobo_async.models.project_view
import kobo_async.models.report
import kobo_async.models.scim
import kobo_async.models.snapshot
import kobo_async.models.submission
import kobo_async.models.terms
import kobo_async.models.usage
import kobo_async.models.user
import kobo_async.models.version
import kobo_async.pages
import kobo_async.q
import kobo_async.query
import kobo_async.resources._submission_writes
import kobo_async.resources.advanced_features
import kobo_async.resources.attachments
import kobo_async.resources.bulk_actions
import kobo_async.resources.exports
import kobo_async.resources.files
import kobo_async.resources.hooks
import kobo_async.resources.imports
import kobo_async.resources.organizations
import kobo_async.resources.ownership
import kobo_async.resources.project_views
import kobo_async.resources.submissions
import kobo_async.sync.mirror
import kobo_async.sync.report
import kobo_async.tables.collected
import kobo_async.tables.project
import kobo_async.transport.http
import kobo_async.verbs.exports
import kobo_async.verbs.forms
import kobo_async.verbs.hooks
import kobo_async.verbs.library
import kobo_async.verbs.media
import kobo_async.verbs.outcomes
import kobo_async.verbs.permission_plan
import kobo_async.verbs.permissions
import kobo_async.verbs.saving
import kobo_async.verbs.submissions
import os as _os
import pathlib as _pathlib
import types as _types
import typing as _typing

_T = _typing.TypeVar("_T")

class _Pages(_typing.Generic[_T]):
    def __iter__(self) -> _collections_abc.Iterator[_T]: ...
    def by_page(self) -> _collections_abc.Iterator[kobo_async.pages.Page[_T]]: ...
    def all(self) -> _builtins.list[_T]: ...
    def first(self) -> _T | None: ...

class _DryRun:
    calls: _builtins.list[kobo_async.call.Call[_typing.Any]]
    ended: _builtins.bool
    advanced_features: _AdvancedFeatures
    assets: _Assets
    attachments: _AttachmentVerbs
    billing: _Billing
    bulk_actions: _BulkActions
    deployments: _Deployments
    environment: _ServerEnvironment
    export_settings: _ExportSettings
    exports: _ExportVerbs
    files: _FileVerbs
    forms: _FormVerbs
    history: _History
    hooks: _HookVerbs
    imports: _Imports
    languages: _Languages
    library: _LibraryVerbs
    logs: _Logs
    me: _Account
    openrosa: _OpenRosa
    organizations: _Organizations
    ownership: _OwnershipVerbs
    paired_data: _PairedProjects
    permissions: _PermissionVerbs
    project_views: _ProjectViews
    qual_tags: _QualTags
    reports: _Reports
    scim: _Scim
    snapshots: _Snapshots
    submissions: _SubmissionVerbs
    supplements: _Supplements
    sync: _Sync
    tables: _ProjectTables
    tags: _Tags
    terms: _TermsOfService
    token: _Tokens
    usage: _Usage
    users: _Users
    versions: _Versions

class _AdvancedFeatures:
    def list(
        self, uid_asset: _builtins.str
    ) -> _Pages[kobo_async.models.advanced.AdvancedFeature]: ...
    def create(
        self,
        uid_asset: _builtins.str,
        *,
        question_xpath: _builtins.str,
        action: kobo_async.resources.advanced_features.Action,
        params: kobo_async.resources.advanced_features.Params,
    ) -> kobo_async.models.advanced.AdvancedFeature: ...
    def get(
        self, uid_asset: _builtins.str, uid_advanced_feature: _builtins.str
    ) -> kobo_async.models.advanced.AdvancedFeature: ...
    def update(
        self,
        uid_asset: _builtins.str,
        uid_advanced_feature: _builtins.str,
        *,
        params: kobo_async.resources.advanced_features.Params,
    ) -> kobo_async.models.advanced.AdvancedFeature: ...

class _Assets:
    def list(
        self,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        ordering: kobo_async.models.asset.Ordering | kobo_async.call.Omit = ...,
        status: kobo_async.models.asset.Sharing | kobo_async.call.Omit = ...,
        collections_first: _builtins.bool | kobo_async.call.Omit = ...,
        exclude: _collections_abc.Sequence[_builtins.str] = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.asset.Asset]: ...
    def minimal_list(
        self,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        ordering: kobo_async.models.asset.Ordering | kobo_async.call.Omit = ...,
        status: kobo_async.models.asset.Sharing | kobo_async.call.Omit = ...,
        collections_first: _builtins.bool | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.asset.MinimalAsset]: ...
    def get(
        self, uid_asset: _builtins.str, *, exclude: _collections_abc.Sequence[_builtins.str] = ...
    ) -> kobo_async.models.asset.Asset: ...
    def create(
        self,
        *,
        asset_type: kobo_async.models.asset.AssetType,
        name: _builtins.str | kobo_async.call.Omit = ...,
        content: _collections_abc.Mapping[_builtins.str, _typing.Any] | kobo_async.call.Omit = ...,
        settings: _collections_abc.Mapping[_builtins.str, _typing.Any] | kobo_async.call.Omit = ...,
        parent: _builtins.str | kobo_async.call.Omit | None = ...,
        tag_string: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.asset.Asset: ...
    def clone(
        self,
        *,
        clone_from: _builtins.str,
        name: _builtins.str | kobo_async.call.Omit = ...,
        asset_type: kobo_async.models.asset.CloneType | kobo_async.call.Omit = ...,
        clone_from_version_id: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.asset.Asset: ...
    def update(
        self,
        uid_asset: _builtins.str,
        *,
        name: _builtins.str | kobo_async.call.Omit = ...,
        settings: _collections_abc.Mapping[_builtins.str, _typing.Any] | kobo_async.call.Omit = ...,
        tag_string: _builtins.str | kobo_async.call.Omit = ...,
        parent: _builtins.str | kobo_async.call.Omit | None = ...,
        data_sharing: _collections_abc.Mapping[_builtins.str, _typing.Any]
        | kobo_async.call.Omit = ...,
        report_styles: _collections_abc.Mapping[_builtins.str, _typing.Any]
        | kobo_async.call.Omit = ...,
        report_custom: _collections_abc.Mapping[_builtins.str, _typing.Any]
        | kobo_async.call.Omit = ...,
        map_styles: _collections_abc.Mapping[_builtins.str, _typing.Any]
        | kobo_async.call.Omit = ...,
        map_custom: _collections_abc.Mapping[_builtins.str, _typing.Any]
        | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.asset.Asset: ...
    def replace_content(
        self,
        uid_asset: _builtins.str,
        *,
        content: _collections_abc.Mapping[_builtins.str, _typing.Any],
    ) -> kobo_async.models.asset.Asset: ...
    def delete(self, uid_asset: _builtins.str) -> None: ...
    def archive(
        self, *, asset_uids: _collections_abc.Sequence[_builtins.str]
    ) -> kobo_async.models.asset.BulkOutcome: ...
    def unarchive(
        self, *, asset_uids: _collections_abc.Sequence[_builtins.str]
    ) -> kobo_async.models.asset.BulkOutcome: ...
    def undelete(
        self, *, asset_uids: _collections_abc.Sequence[_builtins.str]
    ) -> kobo_async.models.asset.BulkOutcome: ...
    def delete_many(
        self, *, asset_uids: _collections_abc.Sequence[_builtins.str], expected: _builtins.int
    ) -> kobo_async.models.asset.BulkOutcome: ...
    def bulk_action(
        self,
        *,
        action: kobo_async.models.asset.BulkAction,
        asset_uids: _collections_abc.Sequence[_builtins.str],
    ) -> kobo_async.models.asset.BulkOutcome: ...
    def download_xls(self, uid_asset: _builtins.str) -> _builtins.bytes: ...
    def download_xml(self, uid_asset: _builtins.str) -> _builtins.bytes: ...
    def content(self, uid_asset: _builtins.str) -> kobo_async.models.asset.AssetContent: ...
    def valid_content(self, uid_asset: _builtins.str) -> kobo_async.models.asset.AssetContent: ...
    def submission_counts(
        self, uid_asset: _builtins.str, *, days: _builtins.int | kobo_async.call.Omit = ...
    ) -> kobo_async.models.asset.SubmissionCounts: ...
    def status_counts(
        self,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        status: kobo_async.models.asset.Sharing | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.asset.StatusCounts: ...
    def hash(self) -> _builtins.str: ...
    def metadata(
        self,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        status: kobo_async.models.asset.Sharing | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.asset.AssetsMetadata: ...
    def table_view_html(self, uid_asset: _builtins.str) -> _builtins.bytes: ...
    def xform_html(self, uid_asset: _builtins.str) -> _builtins.bytes: ...
    def xls_html(self, uid_asset: _builtins.str) -> _builtins.bytes: ...

class _AttachmentVerbs:
    def mirror(
        self,
        uid_asset: _builtins.str,
        target: _builtins.str | _os.PathLike[_builtins.str],
        *,
        where: kobo_async.query.Where = ...,
        size: kobo_async.resources.attachments.Size = ...,
        name: _builtins.str = ...,
        deletes: kobo_async.attachments.run.Deletes = ...,
        max_delete_fraction: _builtins.float = ...,
        concurrency: _builtins.int | None = ...,
        on_progress: kobo_async.attachments.report.OnFiles | None = ...,
    ) -> kobo_async.attachments.report.AttachmentsReport: ...
    def delete(self, uid_asset: _builtins.str, id: _builtins.str) -> None: ...
    def bulk_delete(
        self,
        uid_asset: _builtins.str,
        *,
        submission_root_uuids: _collections_abc.Sequence[_builtins.str],
    ) -> kobo_async.models.attachment.AttachmentsDeleted: ...
    def audio_durations(
        self, uid_asset: _builtins.str, *, attachment_uids: _collections_abc.Sequence[_builtins.str]
    ) -> kobo_async.models.attachment.AudioDurations: ...
    def get_by_xpath(
        self,
        uid_asset: _builtins.str,
        uid_data: _builtins.int | _builtins.str,
        *,
        xpath: _builtins.str,
        format: kobo_async.resources.attachments.Conversion | kobo_async.call.Omit = ...,
    ) -> _builtins.bytes: ...
    def download(
        self,
        uid_asset: _builtins.str,
        uid_data: _builtins.int | _builtins.str,
        id: _builtins.int | _builtins.str,
        *,
        format: kobo_async.resources.attachments.Conversion | kobo_async.call.Omit = ...,
    ) -> _builtins.bytes: ...
    def stream(
        self,
        uid_asset: _builtins.str,
        uid_data: _builtins.int | _builtins.str,
        id: _builtins.int | _builtins.str,
        *,
        size: kobo_async.resources.attachments.Size = ...,
        first: _builtins.int = ...,
    ) -> _contextlib.AbstractContextManager[_Body]: ...
    def download_thumb(
        self,
        uid_asset: _builtins.str,
        uid_data: _builtins.int | _builtins.str,
        id: _builtins.int | _builtins.str,
        suffix: kobo_async.resources.attachments.Size,
    ) -> _builtins.bytes: ...

class _Body:
    def __iter__(self) -> _collections_abc.Iterator[_builtins.bytes]: ...
    @property
    def headers(self) -> _collections_abc.Mapping[_builtins.str, _builtins.str]: ...

class _Billing:
    def addons(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.billing.AddOn]: ...
    def addon(self, id: _builtins.str) -> kobo_async.models.billing.AddOn: ...
    def change_plan(
        self,
        *,
        price_id: _builtins.str,
        subscription_id: _builtins.str,
        quantity: _builtins.int | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.billing.PlanChange: ...
    def checkout_link(
        self,
        *,
        price_id: _builtins.str,
        organization_id: _builtins.str | kobo_async.call.Omit = ...,
        quantity: _builtins.int | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.billing.Link: ...
    def portal(
        self,
        *,
        organization_id: _builtins.str,
        price_id: _builtins.str | kobo_async.call.Omit = ...,
        quantity: _builtins.int | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.billing.Link: ...
    def products(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.billing.Product]: ...
    def subscriptions(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.billing.Subscription]: ...
    def subscription(self, id: _builtins.str) -> kobo_async.models.billing.Subscription: ...

class _BulkActions:
    def list(
        self,
        uid_asset: _builtins.str,
        *,
        status: _collections_abc.Sequence[kobo_async.resources.bulk_actions.Status]
        | kobo_async.call.Omit = ...,
        submission_uuid: _builtins.str | kobo_async.call.Omit = ...,
        question_xpath: _builtins.str | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.advanced.BulkAction]: ...
    def create(
        self,
        uid_asset: _builtins.str,
        *,
        action_id: kobo_async.models.advanced.AutomaticAction,
        question_xpath: _builtins.str,
        submission_uuids: _collections_abc.Sequence[_builtins.str],
        language: _builtins.str,
        locale: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.advanced.BulkAction: ...
    def get(
        self, uid_asset: _builtins.str, action_uid: _builtins.str
    ) -> kobo_async.models.advanced.BulkAction: ...
    def cancel(
        self, uid_asset: _builtins.str, action_uid: _builtins.str
    ) -> kobo_async.models.advanced.BulkAction: ...

class _Deployments:
    def get(self, uid_asset: _builtins.str) -> kobo_async.models.deployment.Deployment: ...
    def deploy(self, uid_asset: _builtins.str) -> kobo_async.models.deployment.Deployment: ...
    def redeploy(
        self, uid_asset: _builtins.str, *, version_id: _builtins.str | None
    ) -> kobo_async.models.deployment.Deployment: ...
    def archive(self, uid_asset: _builtins.str) -> kobo_async.models.deployment.Deployment: ...
    def unarchive(self, uid_asset: _builtins.str) -> kobo_async.models.deployment.Deployment: ...

class _ServerEnvironment:
    def get(self) -> kobo_async.models.account.Environment: ...

class _ExportSettings:
    def list(
        self, uid_asset: _builtins.str, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.export.ExportSetting]: ...
    def create(
        self,
        uid_asset: _builtins.str,
        *,
        name: _builtins.str,
        options: kobo_async.models.export.ExportOptions,
    ) -> kobo_async.models.export.ExportSetting: ...
    def get(
        self, uid_asset: _builtins.str, uid_export_setting: _builtins.str
    ) -> kobo_async.models.export.ExportSetting: ...
    def update(
        self,
        uid_asset: _builtins.str,
        uid_export_setting: _builtins.str,
        *,
        name: _builtins.str | kobo_async.call.Omit = ...,
        options: kobo_async.models.export.ExportOptions | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.export.ExportSetting: ...
    def delete(self, uid_asset: _builtins.str, uid_export_setting: _builtins.str) -> None: ...

class _ExportVerbs:
    def run(
        self,
        uid_asset: _builtins.str,
        options: kobo_async.models.export.ExportOptions | None = ...,
        *,
        type: kobo_async.models.export.ExportType | None = ...,
        path: _builtins.str | _pathlib.Path | None = ...,
        timeout: _builtins.float = ...,
    ) -> kobo_async.verbs.exports.Exported: ...
    def wait(
        self, uid_asset: _builtins.str, uid_export: _builtins.str, *, timeout: _builtins.float = ...
    ) -> kobo_async.models.export.ExportTask: ...
    def fetch(
        self,
        task: kobo_async.models.export.ExportTask,
        *,
        path: _builtins.str | _pathlib.Path | None = ...,
    ) -> kobo_async.verbs.saving.Saved: ...
    def sync_export(
        self,
        uid_asset: _builtins.str,
        setting: _builtins.str,
        *,
        format: _typing.Literal["csv", "xlsx"] = ...,
        path: _builtins.str | _pathlib.Path | None = ...,
        timeout: _builtins.float = ...,
    ) -> kobo_async.verbs.exports.SyncExported: ...
    def list(
        self,
        uid_asset: _builtins.str,
        *,
        status: kobo_async.resources.exports.ExportStatus | kobo_async.call.Omit = ...,
        type: kobo_async.models.export.ExportType | kobo_async.call.Omit = ...,
        ordering: kobo_async.resources.exports.ExportOrdering | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.export.ExportTask]: ...
    def create(
        self, uid_asset: _builtins.str, *, options: kobo_async.models.export.ExportOptions = ...
    ) -> kobo_async.models.export.ExportTask: ...
    def get(
        self, uid_asset: _builtins.str, uid_export: _builtins.str
    ) -> kobo_async.models.export.ExportTask: ...
    def delete(self, uid_asset: _builtins.str, uid_export: _builtins.str) -> None: ...
    def download_sync(
        self,
        uid_asset: _builtins.str,
        uid_export_setting: _builtins.str,
        *,
        format: _typing.Literal["csv", "xlsx"] = ...,
    ) -> _builtins.bytes: ...

class _FileVerbs:
    def compare(
        self,
        uid_asset: _builtins.str,
        folder: _builtins.str | _pathlib.Path,
        *,
        delete: _builtins.bool = ...,
    ) -> kobo_async.verbs.media.SyncReport: ...
    def sync(
        self,
        uid_asset: _builtins.str,
        folder: _builtins.str | _pathlib.Path,
        *,
        redeploy: _builtins.bool = ...,
        delete: _builtins.bool = ...,
    ) -> kobo_async.verbs.media.SyncReport: ...
    def list(
        self,
        uid_asset: _builtins.str,
        *,
        file_type: kobo_async.resources.files.FileType | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.file.AssetFile]: ...
    def upload(
        self,
        uid_asset: _builtins.str,
        *,
        filename: _builtins.str,
        content: _builtins.bytes,
        file_type: kobo_async.resources.files.FileType = ...,
        description: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.file.AssetFile: ...
    def upload_base64(
        self,
        uid_asset: _builtins.str,
        *,
        filename: _builtins.str,
        encoded: _builtins.str,
        file_type: kobo_async.resources.files.FileType = ...,
        description: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.file.AssetFile: ...
    def link(
        self,
        uid_asset: _builtins.str,
        *,
        redirect_url: _builtins.str,
        file_type: kobo_async.resources.files.FileType = ...,
        description: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.file.AssetFile: ...
    def get(
        self, uid_asset: _builtins.str, uid_file: _builtins.str
    ) -> kobo_async.models.file.AssetFile: ...
    def delete(self, uid_asset: _builtins.str, uid_file: _builtins.str) -> None: ...
    def download(self, uid_asset: _builtins.str, uid_file: _builtins.str) -> _builtins.bytes: ...

class _FormVerbs:
    def import_xlsform(
        self,
        source: kobo_async.verbs.forms.XlsForm,
        *,
        name: _builtins.str | None = ...,
        deploy: _builtins.bool = ...,
        destination: _builtins.str | None = ...,
        timeout: _builtins.float = ...,
    ) -> kobo_async.models.asset.Asset: ...
    def wait_imported(
        self, uid_import: _builtins.str, *, timeout: _builtins.float = ...
    ) -> kobo_async.models.imports.ImportTask: ...
    def create(
        self,
        name: _builtins.str,
        content: _collections_abc.Mapping[_builtins.str, _typing.Any],
        *,
        settings: _collections_abc.Mapping[_builtins.str, _typing.Any] | kobo_async.call.Omit = ...,
        deploy: _builtins.bool = ...,
    ) -> kobo_async.models.asset.Asset: ...
    def deploy(self, uid_asset: _builtins.str) -> kobo_async.models.asset.Asset: ...
    def redeploy(self, uid_asset: _builtins.str) -> kobo_async.models.asset.Asset: ...
    def archive(self, uid_asset: _builtins.str) -> kobo_async.models.asset.Asset: ...
    def unarchive(self, uid_asset: _builtins.str) -> kobo_async.models.asset.Asset: ...
    def wait_deployed(
        self, uid_asset: _builtins.str, *, timeout: _builtins.float = ...
    ) -> kobo_async.models.asset.Asset: ...
    def clone(
        self,
        uid_asset: _builtins.str,
        *,
        name: _builtins.str | kobo_async.call.Omit = ...,
        asset_type: kobo_async.models.asset.CloneType | kobo_async.call.Omit = ...,
        version: _builtins.str | kobo_async.call.Omit = ...,
        deploy: _builtins.bool = ...,
    ) -> kobo_async.models.asset.Asset: ...
    def download_xlsx(
        self, uid_asset: _builtins.str, path: _builtins.str | _pathlib.Path
    ) -> _pathlib.Path: ...
    def download_xml(
        self, uid_asset: _builtins.str, path: _builtins.str | _pathlib.Path
    ) -> _pathlib.Path: ...
    def replace_content(
        self,
        uid_asset: _builtins.str,
        source: _collections_abc.Mapping[_builtins.str, _typing.Any]
        | kobo_async.verbs.forms.XlsForm,
        *,
        redeploy: _builtins.bool = ...,
        timeout: _builtins.float = ...,
    ) -> kobo_async.models.asset.Asset: ...

class _History:
    def list(
        self,
        uid_asset: _builtins.str,
        *,
        actions: _collections_abc.Sequence[_builtins.str] = ...,
        since: _datetime.datetime | kobo_async.call.Omit = ...,
        until: _datetime.datetime | kobo_async.call.Omit = ...,
        q: _builtins.str | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.log.HistoryEntry]: ...
    def changes(
        self,
        uid_asset: _builtins.str,
        *,
        since: _datetime.datetime | kobo_async.call.Omit = ...,
        until: _datetime.datetime | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.log.HistoryEntry]: ...
    def actions(self, uid_asset: _builtins.str) -> _collections_abc.Sequence[_builtins.str]: ...
    def export(self, uid_asset: _builtins.str) -> kobo_async.models.log.ExportStarted: ...

class _HookVerbs:
    def failed_logs(
        self, uid_asset: _builtins.str, uid_hook: _builtins.str
    ) -> _Pages[kobo_async.models.hook.HookLog]: ...
    def retry_one(
        self,
        uid_asset: _builtins.str,
        uid_hook: _builtins.str,
        uid_log: _builtins.str,
        *,
        timeout: _builtins.float = ...,
    ) -> kobo_async.models.hook.HookLog: ...
    def retry_and_wait(
        self, uid_asset: _builtins.str, uid_hook: _builtins.str, *, timeout: _builtins.float = ...
    ) -> kobo_async.verbs.hooks.Redelivery: ...
    def list(
        self, uid_asset: _builtins.str, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.hook.Hook]: ...
    def create(
        self,
        uid_asset: _builtins.str,
        *,
        name: _builtins.str,
        endpoint: _builtins.str,
        active: _builtins.bool | kobo_async.call.Omit = ...,
        export_type: kobo_async.resources.hooks.Format | kobo_async.call.Omit = ...,
        username: _builtins.str | kobo_async.call.Omit = ...,
        password: _builtins.str | kobo_async.call.Omit = ...,
        custom_headers: _collections_abc.Mapping[_builtins.str, _builtins.str]
        | kobo_async.call.Omit = ...,
        subset_fields: _collections_abc.Sequence[_builtins.str] | kobo_async.call.Omit = ...,
        email_notification: _builtins.bool | kobo_async.call.Omit = ...,
        payload_template: _builtins.str | kobo_async.call.Omit | None = ...,
    ) -> kobo_async.models.hook.Hook: ...
    def get(
        self, uid_asset: _builtins.str, uid_hook: _builtins.str
    ) -> kobo_async.models.hook.Hook: ...
    def update(
        self,
        uid_asset: _builtins.str,
        uid_hook: _builtins.str,
        *,
        name: _builtins.str | kobo_async.call.Omit = ...,
        endpoint: _builtins.str | kobo_async.call.Omit = ...,
        active: _builtins.bool | kobo_async.call.Omit = ...,
        export_type: kobo_async.resources.hooks.Format | kobo_async.call.Omit = ...,
        username: _builtins.str | kobo_async.call.Omit = ...,
        password: _builtins.str | kobo_async.call.Omit = ...,
        custom_headers: _collections_abc.Mapping[_builtins.str, _builtins.str]
        | kobo_async.call.Omit = ...,
        subset_fields: _collections_abc.Sequence[_builtins.str] | kobo_async.call.Omit = ...,
        email_notification: _builtins.bool | kobo_async.call.Omit = ...,
        payload_template: _builtins.str | kobo_async.call.Omit | None = ...,
    ) -> kobo_async.models.hook.Hook: ...
    def delete(self, uid_asset: _builtins.str, uid_hook: _builtins.str) -> None: ...
    def logs(
        self,
        uid_asset: _builtins.str,
        uid_hook: _builtins.str,
        *,
        status: kobo_async.resources.hooks.LogStatus | kobo_async.call.Omit = ...,
        start_date: _datetime.datetime | kobo_async.call.Omit = ...,
        end_date: _datetime.datetime | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.hook.HookLog]: ...
    def log(
        self, uid_asset: _builtins.str, uid_hook: _builtins.str, uid_log: _builtins.str
    ) -> kobo_async.models.hook.HookLog: ...
    def retry_log(
        self, uid_asset: _builtins.str, uid_hook: _builtins.str, uid_log: _builtins.str
    ) -> kobo_async.models.hook.LogRetry: ...
    def retry_all(
        self, uid_asset: _builtins.str, uid_hook: _builtins.str
    ) -> kobo_async.models.hook.HookRetry: ...

class _Imports:
    def list(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.imports.ImportTask]: ...
    def create(
        self,
        *,
        content: _builtins.bytes,
        filename: _builtins.str,
        library: _builtins.bool = ...,
        desired_type: kobo_async.resources.imports.ImportedType | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.imports.ImportTask: ...
    def create_from_url(
        self,
        *,
        url: _builtins.str,
        filename: _builtins.str | kobo_async.call.Omit = ...,
        library: _builtins.bool = ...,
        desired_type: kobo_async.resources.imports.ImportedType | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.imports.ImportTask: ...
    def create_from_base64(
        self,
        *,
        encoded: _builtins.str,
        filename: _builtins.str,
        library: _builtins.bool = ...,
        desired_type: kobo_async.resources.imports.ImportedType | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.imports.ImportTask: ...
    def replace(
        self, *, destination: _builtins.str, content: _builtins.bytes, filename: _builtins.str
    ) -> kobo_async.models.imports.ImportTask: ...
    def get(self, uid_import: _builtins.str) -> kobo_async.models.imports.ImportTask: ...

class _Languages:
    def list(
        self, *, q: _builtins.str | kobo_async.call.Omit = ..., page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.language.Language]: ...
    def get(self, code: _builtins.str) -> kobo_async.models.language.Language: ...
    def transcription_services(
        self, *, q: _builtins.str | kobo_async.call.Omit = ..., page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.language.LanguageService]: ...
    def transcription_service(
        self, code: _builtins.str
    ) -> kobo_async.models.language.LanguageService: ...
    def translation_services(
        self, *, q: _builtins.str | kobo_async.call.Omit = ..., page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.language.LanguageService]: ...
    def translation_service(
        self, code: _builtins.str
    ) -> kobo_async.models.language.LanguageService: ...

class _LibraryVerbs:
    def collections(self) -> _Pages[kobo_async.models.asset.Asset]: ...
    def children(self, uid_collection: _builtins.str) -> _Pages[kobo_async.models.asset.Asset]: ...
    def create_collection(
        self,
        name: _builtins.str,
        *,
        settings: _collections_abc.Mapping[_builtins.str, _typing.Any] | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.asset.Asset: ...
    def create_item(
        self,
        name: _builtins.str,
        content: _collections_abc.Mapping[_builtins.str, _typing.Any],
        *,
        asset_type: kobo_async.verbs.library.ItemType = ...,
        collection: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.asset.Asset: ...
    def put(
        self, uid_asset: _builtins.str, *, collection: _builtins.str
    ) -> kobo_async.models.asset.Asset: ...
    def take_out(self, uid_asset: _builtins.str) -> kobo_async.models.asset.Asset: ...
    def subscriptions(
        self,
        *,
        asset__uid: _builtins.str | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.library.Subscription]: ...
    def subscribe(self, *, asset: _builtins.str) -> kobo_async.models.library.Subscription: ...
    def subscription(
        self, uid_asset_subscription: _builtins.str
    ) -> kobo_async.models.library.Subscription: ...
    def unsubscribe(self, uid_asset_subscription: _builtins.str) -> None: ...

class _Logs:
    def access_all(
        self, *, q: _builtins.str | kobo_async.call.Omit = ..., page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.log.AccessEntry]: ...
    def access_all_exports(self) -> _Pages[kobo_async.models.log.LogExport]: ...
    def access_all_export(self) -> kobo_async.models.log.ExportStarted: ...
    def access_me(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.log.AccessEntry]: ...
    def access_me_exports(self) -> _Pages[kobo_async.models.log.LogExport]: ...
    def access_me_export(self) -> kobo_async.models.log.ExportStarted: ...
    def audit(
        self, *, q: _builtins.str | kobo_async.call.Omit = ..., page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.log.AuditEntry]: ...
    def project_history_all(
        self, *, q: _builtins.str | kobo_async.call.Omit = ..., page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.log.HistoryEntry]: ...
    def project_history_all_export(self) -> kobo_async.models.log.ExportStarted: ...
    def project_history_all_export_by_get(self) -> kobo_async.models.log.ExportStarted: ...

class _Account:
    def get(self) -> kobo_async.models.account.Me: ...
    def update(
        self,
        *,
        first_name: _builtins.str | kobo_async.call.Omit = ...,
        last_name: _builtins.str | kobo_async.call.Omit = ...,
        extra_details: _collections_abc.Mapping[_builtins.str, _typing.Any]
        | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.account.Me: ...
    def change_password(
        self, *, current_password: _builtins.str, new_password: _builtins.str
    ) -> kobo_async.models.account.Me: ...
    def delete(self, *, account_uid: _builtins.str) -> None: ...
    def emails(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.account.EmailAddress]: ...
    def add_email(self, *, email: _builtins.str) -> kobo_async.models.account.EmailAddress: ...
    def social_accounts(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.account.SocialAccount]: ...
    def social_account(
        self, provider: _builtins.str, uid_social_account: _builtins.str
    ) -> kobo_async.models.account.SocialAccount: ...
    def delete_social_account(
        self, provider: _builtins.str, uid_social_account: _builtins.str
    ) -> None: ...

class _OpenRosa:
    def form_list(
        self, *, form_id: _builtins.str | kobo_async.call.Omit = ...
    ) -> _builtins.list[kobo_async.models.openrosa.FormEntry]: ...
    def form_list_anonymous(
        self, username: _builtins.str, *, form_id: _builtins.str | kobo_async.call.Omit = ...
    ) -> _builtins.list[kobo_async.models.openrosa.FormEntry]: ...
    def form_list_collector(
        self, token: _builtins.str, *, form_id: _builtins.str | kobo_async.call.Omit = ...
    ) -> _builtins.list[kobo_async.models.openrosa.FormEntry]: ...
    def snapshot_form_list(
        self, uid_asset_snapshot: _builtins.str
    ) -> _builtins.list[kobo_async.models.openrosa.FormEntry]: ...
    def manifest(
        self, id: _builtins.int | _builtins.str
    ) -> _builtins.list[kobo_async.models.openrosa.MediaEntry]: ...
    def manifest_anonymous(
        self, username: _builtins.str, id: _builtins.int | _builtins.str
    ) -> _builtins.list[kobo_async.models.openrosa.MediaEntry]: ...
    def manifest_collector(
        self, token: _builtins.str, id: _builtins.int | _builtins.str
    ) -> _builtins.list[kobo_async.models.openrosa.MediaEntry]: ...
    def snapshot_manifest(
        self, uid_asset_snapshot: _builtins.str
    ) -> _builtins.list[kobo_async.models.openrosa.MediaEntry]: ...
    def form_xml(self, id: _builtins.int | _builtins.str) -> _builtins.bytes: ...
    def submit(
        self,
        *,
        xml: _builtins.bytes,
        files: _collections_abc.Sequence[kobo_async.call.Upload] = ...,
    ) -> kobo_async.models.openrosa.Receipt: ...
    def submit_json(
        self,
        *,
        form_id: _builtins.str,
        submission: _collections_abc.Mapping[_builtins.str, _typing.Any],
    ) -> kobo_async.models.openrosa.Receipt: ...
    def submit_anonymous(
        self,
        username: _builtins.str,
        *,
        xml: _builtins.bytes,
        files: _collections_abc.Sequence[kobo_async.call.Upload] = ...,
    ) -> kobo_async.models.openrosa.Receipt: ...
    def submit_collector(
        self,
        token: _builtins.str,
        *,
        xml: _builtins.bytes,
        files: _collections_abc.Sequence[kobo_async.call.Upload] = ...,
    ) -> kobo_async.models.openrosa.Receipt: ...
    def snapshot_submit(
        self,
        uid_asset_snapshot: _builtins.str,
        *,
        xml: _builtins.bytes,
        files: _collections_abc.Sequence[kobo_async.call.Upload] = ...,
    ) -> _builtins.bytes: ...
    def largest_body(self) -> _builtins.int | None: ...
    def instance_ids(
        self, *, form_id: _builtins.str, page_size: _builtins.int = ...
    ) -> _collections_abc.Iterator[_builtins.str]: ...
    def instance_chunk(
        self,
        *,
        form_id: _builtins.str,
        limit: _builtins.int | kobo_async.call.Omit = ...,
        cursor: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.openrosa.InstanceChunk: ...
    def instance(
        self, *, form_id: _builtins.str, instance_id: _builtins.str
    ) -> _builtins.bytes: ...

class _Organizations:
    def list(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.organization.Organization]: ...
    def get(
        self, uid_organization: _builtins.str
    ) -> kobo_async.models.organization.Organization: ...
    def update(
        self,
        uid_organization: _builtins.str,
        *,
        name: _builtins.str | kobo_async.call.Omit = ...,
        website: _builtins.str | kobo_async.call.Omit = ...,
        organization_type: kobo_async.resources.organizations.Kind | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.organization.Organization: ...
    def asset_usage(
        self,
        uid_organization: _builtins.str,
        *,
        ordering: kobo_async.resources.organizations.UsageOrdering | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.usage.AssetUsage]: ...
    def assets(
        self,
        uid_organization: _builtins.str,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        ordering: kobo_async.resources.organizations.AssetOrdering | kobo_async.call.Omit = ...,
        exclude: _collections_abc.Sequence[_builtins.str] = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.asset.Asset]: ...
    def asset_counts(
        self,
        uid_organization: _builtins.str,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.asset.StatusCounts: ...
    def asset_minimal_list(
        self,
        uid_organization: _builtins.str,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        ordering: kobo_async.resources.organizations.AssetOrdering | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.asset.MinimalAsset]: ...
    def invites(
        self, uid_organization: _builtins.str, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.organization.OrganizationInvite]: ...
    def invite(
        self,
        uid_organization: _builtins.str,
        *,
        invitees: _collections_abc.Sequence[_builtins.str],
        role: kobo_async.resources.organizations.Role = ...,
    ) -> _collections_abc.Sequence[kobo_async.models.organization.OrganizationInvite]: ...
    def get_invite(
        self, uid_organization: _builtins.str, guid: _builtins.str
    ) -> kobo_async.models.organization.OrganizationInvite: ...
    def update_invite(
        self,
        uid_organization: _builtins.str,
        guid: _builtins.str,
        *,
        role: kobo_async.resources.organizations.Role,
    ) -> kobo_async.models.organization.OrganizationInvite: ...
    def accept_invite(
        self, uid_organization: _builtins.str, guid: _builtins.str
    ) -> kobo_async.models.organization.OrganizationInvite: ...
    def decline_invite(
        self, uid_organization: _builtins.str, guid: _builtins.str
    ) -> kobo_async.models.organization.OrganizationInvite: ...
    def cancel_invite(
        self, uid_organization: _builtins.str, guid: _builtins.str
    ) -> kobo_async.models.organization.OrganizationInvite: ...
    def resend_invite(
        self, uid_organization: _builtins.str, guid: _builtins.str
    ) -> kobo_async.models.organization.OrganizationInvite: ...
    def delete_invite(self, uid_organization: _builtins.str, guid: _builtins.str) -> None: ...
    def members(
        self,
        uid_organization: _builtins.str,
        *,
        ordering: kobo_async.resources.organizations.MemberOrdering | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.organization.Member]: ...
    def member(
        self, uid_organization: _builtins.str, username: _builtins.str
    ) -> kobo_async.models.organization.Member: ...
    def update_member(
        self,
        uid_organization: _builtins.str,
        username: _builtins.str,
        *,
        role: kobo_async.resources.organizations.Role,
    ) -> kobo_async.models.organization.Member: ...
    def remove_member(self, uid_organization: _builtins.str, username: _builtins.str) -> None: ...
    def service_usage(
        self, uid_organization: _builtins.str
    ) -> kobo_async.models.usage.ServiceUsage: ...

class _OwnershipVerbs:
    def transfer_and_wait(
        self,
        *,
        recipient: _builtins.str,
        assets: _collections_abc.Sequence[_builtins.str],
        timeout: _builtins.float = ...,
    ) -> kobo_async.models.ownership.OwnershipInvite: ...
    def accept_and_wait(
        self, uid_invite: _builtins.str, *, timeout: _builtins.float = ...
    ) -> kobo_async.models.ownership.OwnershipInvite: ...
    def wait(
        self, uid_invite: _builtins.str, *, timeout: _builtins.float = ...
    ) -> kobo_async.models.ownership.OwnershipInvite: ...
    def invites(
        self,
        *,
        mode: kobo_async.resources.ownership.Mode | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.ownership.OwnershipInvite]: ...
    def transfer(
        self, *, recipient: _builtins.str, assets: _collections_abc.Sequence[_builtins.str]
    ) -> kobo_async.models.ownership.OwnershipInvite: ...
    def get_invite(
        self, uid_invite: _builtins.str
    ) -> kobo_async.models.ownership.OwnershipInvite: ...
    def respond(
        self, uid_invite: _builtins.str, *, status: kobo_async.resources.ownership.Response
    ) -> kobo_async.models.ownership.OwnershipInvite: ...
    def delete_invite(self, uid_invite: _builtins.str) -> None: ...
    def transfer_status(
        self, uid_invite: _builtins.str, uid_transfer: _builtins.str
    ) -> kobo_async.models.ownership.TransferStatus: ...

class _PairedProjects:
    def list(
        self, uid_asset: _builtins.str, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.paired_data.PairedData]: ...
    def create(
        self,
        uid_asset: _builtins.str,
        *,
        source: _builtins.str,
        filename: _builtins.str,
        fields: _collections_abc.Sequence[_builtins.str] = ...,
    ) -> kobo_async.models.paired_data.PairedData: ...
    def get(
        self, uid_asset: _builtins.str, uid_paired_data: _builtins.str
    ) -> kobo_async.models.paired_data.PairedData: ...
    def update(
        self,
        uid_asset: _builtins.str,
        uid_paired_data: _builtins.str,
        *,
        filename: _builtins.str | kobo_async.call.Omit = ...,
        fields: _collections_abc.Sequence[_builtins.str] | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.paired_data.PairedData: ...
    def delete(self, uid_asset: _builtins.str, uid_paired_data: _builtins.str) -> None: ...
    def external_xml(
        self, uid_asset: _builtins.str, uid_paired_data: _builtins.str
    ) -> _builtins.bytes: ...

class _PermissionVerbs:
    def state(self, uid_asset: _builtins.str) -> kobo_async.verbs.permission_plan.State: ...
    def grant(
        self,
        uid_asset: _builtins.str,
        user: _builtins.str,
        *codenames: kobo_async.models.permission.Codename,
    ) -> _collections_abc.Sequence[kobo_async.models.permission.Assignment]: ...
    def grant_rows(
        self,
        uid_asset: _builtins.str,
        user: _builtins.str,
        rights: _collections_abc.Mapping[
            kobo_async.models.permission.PartialCodename,
            _collections_abc.Sequence[kobo_async.query.Where],
        ],
    ) -> _collections_abc.Sequence[kobo_async.models.permission.Assignment]: ...
    def revoke(
        self,
        uid_asset: _builtins.str,
        user: _builtins.str,
        *codenames: kobo_async.models.permission.Codename,
    ) -> None: ...
    def plan(
        self,
        uid_asset: _builtins.str,
        wanted: kobo_async.verbs.permission_plan.Wanted,
        *,
        remove_others: _builtins.bool = ...,
    ) -> kobo_async.verbs.permission_plan.Plan: ...
    def apply(
        self, plan: kobo_async.verbs.permission_plan.Plan
    ) -> kobo_async.verbs.permission_plan.State: ...
    def make_public(
        self,
        uid_asset: _builtins.str,
        *,
        form: _builtins.bool | None = ...,
        data: _builtins.bool | None = ...,
        submissions: _builtins.bool | None = ...,
    ) -> kobo_async.verbs.permissions.Public: ...
    def catalog(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.permission.PermissionType]: ...
    def catalog_get(
        self, codename: _builtins.str
    ) -> kobo_async.models.permission.PermissionType: ...
    def list_assignments(
        self, uid_asset: _builtins.str
    ) -> _Pages[kobo_async.models.permission.Assignment]: ...
    def assign(
        self,
        uid_asset: _builtins.str,
        *,
        user: _builtins.str,
        permission: kobo_async.models.permission.Codename,
        filters: kobo_async.models.permission.Filters | None = ...,
    ) -> kobo_async.models.permission.Assignment: ...
    def get_assignment(
        self, uid_asset: _builtins.str, uid_permission_assignment: _builtins.str
    ) -> kobo_async.models.permission.Assignment: ...
    def remove_user(self, uid_asset: _builtins.str, *, username: _builtins.str) -> None: ...
    def replace_all(
        self,
        uid_asset: _builtins.str,
        *,
        grants: _collections_abc.Sequence[kobo_async.models.permission.Grant],
        expected: _builtins.int,
    ) -> _collections_abc.Sequence[kobo_async.models.permission.Assignment]: ...
    def copy_from(
        self, uid_asset: _builtins.str, *, source: _builtins.str, expected: _builtins.int
    ) -> _collections_abc.Sequence[kobo_async.models.permission.Assignment]: ...

class _ProjectViews:
    def list(
        self,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.project_view.ProjectView]: ...
    def get(
        self, uid_project_view: _builtins.str
    ) -> kobo_async.models.project_view.ProjectView: ...
    def export_status(
        self, uid_project_view: _builtins.str, obj_type: kobo_async.resources.project_views.Objects
    ) -> kobo_async.models.project_view.ProjectViewExport: ...
    def export(
        self, uid_project_view: _builtins.str, obj_type: kobo_async.resources.project_views.Objects
    ) -> kobo_async.models.log.ExportStarted: ...
    def assets(
        self,
        uid_project_view: _builtins.str,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        ordering: kobo_async.resources.project_views.Ordering | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.project_view.ProjectViewAsset]: ...
    def asset_counts(
        self,
        uid_project_view: _builtins.str,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.asset.StatusCounts: ...
    def asset_minimal_list(
        self,
        uid_project_view: _builtins.str,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.asset.MinimalAsset]: ...
    def users(
        self,
        uid_project_view: _builtins.str,
        *,
        q: kobo_async.q.Q | _builtins.str | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.user.UserEntry]: ...

class _QualTags:
    def list(
        self, uid_asset: _builtins.str, uid_qa_question: _builtins.str
    ) -> _Pages[kobo_async.models.advanced.QualTag]: ...

class _Reports:
    def get(
        self,
        uid_asset: _builtins.str,
        *,
        names: _collections_abc.Sequence[_builtins.str] = ...,
        split_by: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.report.Report: ...

class _Scim:
    def groups(
        self,
        idp_slug: _builtins.str,
        *,
        filter: _builtins.str | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.scim.ScimGroup]: ...
    def create_group(
        self,
        idp_slug: _builtins.str,
        *,
        group: _collections_abc.Mapping[_builtins.str, _typing.Any],
    ) -> kobo_async.models.scim.ScimGroup: ...
    def group(
        self, idp_slug: _builtins.str, id: _builtins.str
    ) -> kobo_async.models.scim.ScimGroup: ...
    def replace_group(
        self,
        idp_slug: _builtins.str,
        id: _builtins.str,
        *,
        group: _collections_abc.Mapping[_builtins.str, _typing.Any],
    ) -> kobo_async.models.scim.ScimGroup: ...
    def update_group(
        self,
        idp_slug: _builtins.str,
        id: _builtins.str,
        *,
        operations: _collections_abc.Sequence[_collections_abc.Mapping[_builtins.str, _typing.Any]],
    ) -> kobo_async.models.scim.ScimGroup: ...
    def delete_group(self, idp_slug: _builtins.str, id: _builtins.str) -> None: ...
    def resource_types(
        self, idp_slug: _builtins.str
    ) -> _builtins.dict[_builtins.str, _typing.Any]: ...
    def schemas(self, idp_slug: _builtins.str) -> _builtins.dict[_builtins.str, _typing.Any]: ...
    def service_provider_config(
        self, idp_slug: _builtins.str
    ) -> _builtins.dict[_builtins.str, _typing.Any]: ...
    def users(
        self,
        idp_slug: _builtins.str,
        *,
        filter: _builtins.str | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.scim.ScimUser]: ...
    def create_user(
        self, idp_slug: _builtins.str, *, user: _collections_abc.Mapping[_builtins.str, _typing.Any]
    ) -> kobo_async.models.scim.ScimUser: ...
    def user(
        self, idp_slug: _builtins.str, id: _builtins.str
    ) -> kobo_async.models.scim.ScimUser: ...
    def replace_user(
        self,
        idp_slug: _builtins.str,
        id: _builtins.str,
        *,
        user: _collections_abc.Mapping[_builtins.str, _typing.Any],
    ) -> kobo_async.models.scim.ScimUser: ...
    def update_user(
        self,
        idp_slug: _builtins.str,
        id: _builtins.str,
        *,
        operations: _collections_abc.Sequence[_collections_abc.Mapping[_builtins.str, _typing.Any]],
    ) -> kobo_async.models.scim.ScimUser: ...
    def delete_user(self, idp_slug: _builtins.str, id: _builtins.str) -> None: ...

class _Snapshots:
    def list(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.snapshot.Snapshot]: ...
    def create(self, *, asset: _builtins.str) -> kobo_async.models.snapshot.Snapshot: ...
    def create_from_content(
        self, *, source: _collections_abc.Mapping[_builtins.str, _typing.Any]
    ) -> kobo_async.models.snapshot.Snapshot: ...
    def get(self, uid_asset_snapshot: _builtins.str) -> kobo_async.models.snapshot.Snapshot: ...
    def delete(self, uid_asset_snapshot: _builtins.str) -> None: ...
    def xml(self, uid_asset_snapshot: _builtins.str) -> _builtins.bytes: ...
    def xml_with_disclaimer(self, uid_asset_snapshot: _builtins.str) -> _builtins.bytes: ...
    def xform_html(self, uid_asset_snapshot: _builtins.str) -> _builtins.bytes: ...
    def preview_url(self, uid_asset_snapshot: _builtins.str) -> _builtins.str: ...

class _SubmissionVerbs:
    def submit(
        self,
        uid_asset: _builtins.str,
        given: kobo_async.instance.Answers | _builtins.bytes,
        *,
        files: _collections_abc.Sequence[kobo_async.call.Upload] = ...,
        instance_id: _builtins.str | None = ...,
        check: _builtins.bool = ...,
    ) -> kobo_async.models.openrosa.Receipt: ...
    def submit_many(
        self,
        uid_asset: _builtins.str,
        filled: _collections_abc.Iterable[kobo_async.verbs.submissions.Filled],
        *,
        check: _builtins.bool = ...,
    ) -> _builtins.list[kobo_async.verbs.outcomes.Submitted]: ...
    def delete_many(
        self, uid_asset: _builtins.str, ids: _collections_abc.Sequence[_builtins.int]
    ) -> _builtins.list[kobo_async.verbs.outcomes.Outcome]: ...
    def set_validation_status_many(
        self,
        uid_asset: _builtins.str,
        statuses: _collections_abc.Mapping[
            _builtins.int, kobo_async.resources._submission_writes.ValidationUid | None
        ],
    ) -> _builtins.list[kobo_async.verbs.outcomes.Outcome]: ...
    def document(
        self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str
    ) -> _builtins.bytes: ...
    def edit(
        self,
        uid_asset: _builtins.str,
        id: _builtins.int | _builtins.str,
        *,
        changes: kobo_async.instance.Answers,
        check: _builtins.bool = ...,
    ) -> kobo_async.models.openrosa.Receipt: ...
    def edit_many(
        self,
        uid_asset: _builtins.str,
        changes: _collections_abc.Mapping[_builtins.int, kobo_async.instance.Answers],
        *,
        check: _builtins.bool = ...,
    ) -> _builtins.list[kobo_async.verbs.outcomes.Outcome]: ...
    @_typing.overload
    def pages(
        self,
        uid_asset: _builtins.str,
        *,
        as_: _typing.Literal["dicts"] = ...,
        **wanted: _typing.Unpack[kobo_async.bulk.fetch.Wanted],
    ) -> _contextlib.AbstractContextManager[_Batches[kobo_async.resources.submissions.Row]]: ...
    @_typing.overload
    def pages(
        self,
        uid_asset: _builtins.str,
        *,
        as_: _typing.Literal["raw"],
        **wanted: _typing.Unpack[kobo_async.bulk.fetch.Wanted],
    ) -> _contextlib.AbstractContextManager[_Batches[_builtins.bytes]]: ...
    @_typing.overload
    def pages(
        self,
        uid_asset: _builtins.str,
        *,
        as_: kobo_async.bulk.rows.Reader[_T],
        **wanted: _typing.Unpack[kobo_async.bulk.fetch.Wanted],
    ) -> _contextlib.AbstractContextManager[_Batches[_T]]: ...
    @_typing.overload
    def stream(
        self,
        uid_asset: _builtins.str,
        *,
        as_: _typing.Literal["dicts"] = ...,
        **wanted: _typing.Unpack[kobo_async.bulk.fetch.Wanted],
    ) -> _contextlib.AbstractContextManager[_Rows[kobo_async.resources.submissions.Row]]: ...
    @_typing.overload
    def stream(
        self,
        uid_asset: _builtins.str,
        *,
        as_: _typing.Literal["raw"],
        **wanted: _typing.Unpack[kobo_async.bulk.fetch.Wanted],
    ) -> _contextlib.AbstractContextManager[_Rows[_builtins.bytes]]: ...
    def list(
        self,
        uid_asset: _builtins.str,
        *,
        where: kobo_async.query.Where = ...,
        fields: _collections_abc.Sequence[_builtins.str] | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.resources.submissions.Row]: ...
    def page(
        self,
        uid_asset: _builtins.str,
        *,
        where: kobo_async.query.Where = ...,
        fields: _collections_abc.Sequence[_builtins.str] | kobo_async.call.Omit = ...,
        sort: kobo_async.resources.submissions.Sort | kobo_async.call.Omit = ...,
        start: _builtins.int = ...,
        limit: _builtins.int = ...,
    ) -> kobo_async.pages.Page[kobo_async.resources.submissions.Row]: ...
    def unread(
        self,
        uid_asset: _builtins.str,
        *,
        where: kobo_async.query.Where = ...,
        fields: _collections_abc.Sequence[_builtins.str] | kobo_async.call.Omit = ...,
        start: _builtins.int = ...,
        limit: _builtins.int = ...,
        patient: _builtins.bool = ...,
    ) -> kobo_async.resources.submissions.UnreadPage: ...
    def count(
        self, uid_asset: _builtins.str, *, where: kobo_async.query.Where = ...
    ) -> _builtins.int: ...
    def get(
        self,
        uid_asset: _builtins.str,
        id: _builtins.int | _builtins.str,
        *,
        fields: _collections_abc.Sequence[_builtins.str] | kobo_async.call.Omit = ...,
    ) -> kobo_async.resources.submissions.Row: ...
    def xml(
        self, uid_asset: _builtins.str, *, where: kobo_async.query.Where = ...
    ) -> _collections_abc.Iterator[_builtins.bytes]: ...
    def geojson(
        self,
        uid_asset: _builtins.str,
        *,
        where: kobo_async.query.Where = ...,
        geo_question: _builtins.str | kobo_async.call.Omit = ...,
    ) -> _builtins.dict[_builtins.str, _typing.Any]: ...
    def delete(self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str) -> None: ...
    def duplicate(
        self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str
    ) -> _builtins.dict[_builtins.str, _typing.Any]: ...
    def edit_link(
        self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str
    ) -> kobo_async.models.submission.EnketoLink: ...
    def legacy_edit_link(
        self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str
    ) -> kobo_async.models.submission.EnketoLink: ...
    def view_link(
        self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str
    ) -> kobo_async.models.submission.EnketoLink: ...
    def edit_redirect(
        self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str
    ) -> _builtins.str: ...
    def view_redirect(
        self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str
    ) -> _builtins.str: ...
    def validation_status(
        self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str
    ) -> kobo_async.models.submission.ValidationStatus: ...
    def set_validation_status(
        self,
        uid_asset: _builtins.str,
        id: _builtins.int | _builtins.str,
        *,
        status: kobo_async.resources._submission_writes.ValidationUid,
    ) -> kobo_async.models.submission.ValidationStatus: ...
    def clear_validation_status(
        self, uid_asset: _builtins.str, id: _builtins.int | _builtins.str
    ) -> None: ...
    def bulk_update(
        self,
        uid_asset: _builtins.str,
        *,
        submission_ids: _collections_abc.Sequence[_builtins.int],
        data: _collections_abc.Mapping[_builtins.str, _builtins.object],
    ) -> kobo_async.models.submission.EditOutcome: ...
    def bulk_delete(
        self, uid_asset: _builtins.str, *, submission_ids: _collections_abc.Sequence[_builtins.int]
    ) -> kobo_async.models.submission.BulkDone: ...
    def delete_all(
        self,
        uid_asset: _builtins.str,
        *,
        expected: _builtins.int,
        where: kobo_async.query.Where = ...,
    ) -> _builtins.int: ...
    def bulk_set_validation_status(
        self,
        uid_asset: _builtins.str,
        *,
        submission_ids: _collections_abc.Sequence[_builtins.int],
        status: kobo_async.resources._submission_writes.ValidationUid,
    ) -> kobo_async.models.submission.BulkDone: ...
    def bulk_clear_validation_status(
        self, uid_asset: _builtins.str, *, submission_ids: _collections_abc.Sequence[_builtins.int]
    ) -> kobo_async.models.submission.BulkDone: ...

class _Batches(_typing.Generic[_T]):
    def __iter__(self) -> _collections_abc.Iterator[_collections_abc.Sequence[_T]]: ...
    report: kobo_async.bulk.report.Completeness | None
    def __next__(self) -> _collections_abc.Sequence[_T]: ...

class _Rows(_typing.Generic[_T]):
    def __iter__(self) -> _collections_abc.Iterator[_T]: ...
    @property
    def report(self) -> kobo_async.bulk.report.Completeness | None: ...
    def all(self) -> _builtins.list[_T]: ...
    def __next__(self) -> _T: ...

class _Supplements:
    def get(
        self, uid_asset: _builtins.str, root_uuid: _builtins.str
    ) -> _builtins.dict[_builtins.str, _typing.Any]: ...
    def update(
        self,
        uid_asset: _builtins.str,
        root_uuid: _builtins.str,
        *,
        changes: _collections_abc.Mapping[
            _builtins.str, _collections_abc.Mapping[_builtins.str, _typing.Any]
        ],
    ) -> _builtins.dict[_builtins.str, _typing.Any]: ...
    def bulk_accept(
        self,
        uid_asset: _builtins.str,
        *,
        submission_uids: _collections_abc.Sequence[_builtins.str],
        question_xpath: _builtins.str,
        action_id: kobo_async.models.advanced.AutomaticAction,
        language: _builtins.str | kobo_async.call.Omit = ...,
    ) -> kobo_async.models.advanced.Accepted: ...

class _Sync:
    def run(
        self,
        uid_asset: _builtins.str,
        mirror: kobo_async.sync.mirror.Mirror,
        *,
        where: kobo_async.query.Where = ...,
        strategy: kobo_async.sync.report.Strategy = ...,
        max_delete_fraction: _builtins.float = ...,
        sweep_every: _builtins.float = ...,
    ) -> kobo_async.sync.report.SyncReport: ...
    def take(
        self,
        uid_asset: _builtins.str,
        mirror: kobo_async.sync.mirror.Mirror,
        root_uuids: _collections_abc.Sequence[_builtins.str],
        *,
        where: kobo_async.query.Where = ...,
    ) -> None: ...

class _ProjectTables:
    def layout(
        self,
        uid_asset: _builtins.str,
        *,
        all_versions: _builtins.bool = ...,
        **options: _typing.Unpack[kobo_async.tables.project.TableFields],
    ) -> kobo_async.forms.columns.Layout: ...
    def batches(
        self,
        uid_asset: _builtins.str,
        layout: kobo_async.forms.columns.Layout | None = ...,
        **request: _typing.Unpack[kobo_async.tables.project.Request],
    ) -> _contextlib.AbstractContextManager[_TableBatches]: ...
    def fetch(
        self,
        uid_asset: _builtins.str,
        layout: kobo_async.forms.columns.Layout | None = ...,
        **request: _typing.Unpack[kobo_async.tables.project.Request],
    ) -> kobo_async.tables.collected.Tables: ...

class _TableBatches:
    def __iter__(
        self,
    ) -> _collections_abc.Iterator[_builtins.list[kobo_async.forms.columns.Batch]]: ...
    layout: kobo_async.forms.columns.Layout
    @property
    def report(self) -> kobo_async.bulk.report.Completeness | None: ...
    @property
    def bad(self) -> kobo_async.forms.tabulate.BadCells: ...
    def __next__(self) -> _builtins.list[kobo_async.forms.columns.Batch]: ...

class _Tags:
    def list(self, *, page_size: _builtins.int = ...) -> _Pages[kobo_async.models.library.Tag]: ...

class _TermsOfService:
    def list(self) -> _Pages[kobo_async.models.terms.Terms]: ...
    def get(self, slug: _builtins.str) -> kobo_async.models.terms.Terms: ...

class _Tokens:
    def get(self) -> _builtins.str: ...
    def create(self) -> _builtins.str: ...
    def delete(self) -> None: ...

class _Usage:
    def assets(
        self, *, page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.usage.AssetUsage]: ...
    def service(self) -> kobo_async.models.usage.ServiceUsage: ...

class _Users:
    def reports(
        self,
        *,
        q: _builtins.str | kobo_async.call.Omit = ...,
        ordering: _builtins.str | kobo_async.call.Omit = ...,
        filters: _collections_abc.Mapping[_builtins.str, _builtins.str]
        | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.user.UserReport]: ...
    def list(
        self, *, q: _builtins.str | kobo_async.call.Omit = ..., page_size: _builtins.int = ...
    ) -> _Pages[kobo_async.models.user.UserEntry]: ...
    def get(self, username: _builtins.str) -> kobo_async.models.user.User: ...

class _Versions:
    def list(
        self,
        uid_asset: _builtins.str,
        *,
        deployed: _builtins.bool | kobo_async.call.Omit = ...,
        page_size: _builtins.int = ...,
    ) -> _Pages[kobo_async.models.version.Version]: ...
    def get(
        self, uid_asset: _builtins.str, uid_version: _builtins.str
    ) -> kobo_async.models.version.Version: ...

class Kobo:
    def __init__(
        self,
        server: _builtins.str | None = ...,
        *,
        token: _builtins.str | kobo_async.config.Secret | None = ...,
        bearer: _builtins.str | kobo_async.config.Secret | None = ...,
        username: _builtins.str | None = ...,
        password: _builtins.str | kobo_async.config.Secret | None = ...,
        anonymous: _builtins.bool = ...,
        scim_key: _builtins.str | kobo_async.config.Secret | None = ...,
        profile: _builtins.str | None = ...,
        transport: kobo_async.transport.http.AsyncTransport | None = ...,
        app: kobo_async.transport.http.ASGIApp | None = ...,
        clock: kobo_async.clock.Clock | None = ...,
        on_event: kobo_async.events.Observer | None = ...,
        **settings: _typing.Unpack[kobo_async.client.ClientSettings],
    ) -> None: ...
    @classmethod
    def from_env(
        cls, **others: _typing.Unpack[kobo_async.client.ClientArguments]
    ) -> _typing.Self: ...
    def request(
        self,
        method: kobo_async.call.Method,
        path: _builtins.str,
        *,
        query: _collections_abc.Mapping[_builtins.str, _typing.Any] | None = ...,
        json: kobo_async.call.Json = ...,
        accept: _builtins.str = ...,
    ) -> kobo_async.call.Json: ...
    def dry_run(self) -> _contextlib.AbstractContextManager[_DryRun]: ...
    advanced_features: _AdvancedFeatures
    assets: _Assets
    attachments: _AttachmentVerbs
    billing: _Billing
    bulk_actions: _BulkActions
    deployments: _Deployments
    environment: _ServerEnvironment
    export_settings: _ExportSettings
    exports: _ExportVerbs
    files: _FileVerbs
    forms: _FormVerbs
    history: _History
    hooks: _HookVerbs
    imports: _Imports
    languages: _Languages
    library: _LibraryVerbs
    logs: _Logs
    me: _Account
    openrosa: _OpenRosa
    organizations: _Organizations
    ownership: _OwnershipVerbs
    paired_data: _PairedProjects
    permissions: _PermissionVerbs
    project_views: _ProjectViews
    qual_tags: _QualTags
    reports: _Reports
    scim: _Scim
    snapshots: _Snapshots
    submissions: _SubmissionVerbs
    supplements: _Supplements
    sync: _Sync
    tables: _ProjectTables
    tags: _Tags
    terms: _TermsOfService
    token: _Tokens
    usage: _Usage
    users: _Users
    versions: _Versions
    @property
    def settings(self) -> kobo_async.config.Settings: ...
    def blocking(
        self, manager: _contextlib.AbstractAsyncContextManager[_T]
    ) -> _contextlib.AbstractContextManager[_T]: ...
    def close(self) -> None: ...
    def __enter__(self) -> _typing.Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: _types.TracebackType | None,
    ) -> None: ...
