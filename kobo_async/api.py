"""All resources of a server, one attribute each.

Their modules are imported when they are first used: there are many, most programs use few.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from kobo_async.clock import Clock
from kobo_async.pages import Sender

if TYPE_CHECKING:
    from kobo_async.attachments.mirror import AttachmentVerbs
    from kobo_async.resources.advanced_features import AdvancedFeatures
    from kobo_async.resources.assets import Assets
    from kobo_async.resources.billing import Billing
    from kobo_async.resources.bulk_actions import BulkActions
    from kobo_async.resources.deployments import Deployments
    from kobo_async.resources.environment import ServerEnvironment
    from kobo_async.resources.export_settings import ExportSettings
    from kobo_async.resources.history import History
    from kobo_async.resources.imports import Imports
    from kobo_async.resources.languages import Languages
    from kobo_async.resources.logs import Logs
    from kobo_async.resources.me import Account
    from kobo_async.resources.openrosa import OpenRosa
    from kobo_async.resources.organizations import Organizations
    from kobo_async.resources.paired_data import PairedProjects
    from kobo_async.resources.project_views import ProjectViews
    from kobo_async.resources.qual_tags import QualTags
    from kobo_async.resources.reports import Reports
    from kobo_async.resources.scim import Scim
    from kobo_async.resources.snapshots import Snapshots
    from kobo_async.resources.supplements import Supplements
    from kobo_async.resources.tags import Tags
    from kobo_async.resources.terms import TermsOfService
    from kobo_async.resources.token import Tokens
    from kobo_async.resources.usage import Usage
    from kobo_async.resources.users import Users
    from kobo_async.resources.versions import Versions
    from kobo_async.sync.run import Sync
    from kobo_async.tables.project import ProjectTables
    from kobo_async.verbs.exports import ExportVerbs
    from kobo_async.verbs.forms import FormVerbs
    from kobo_async.verbs.hooks import HookVerbs
    from kobo_async.verbs.library import LibraryVerbs
    from kobo_async.verbs.media import FileVerbs
    from kobo_async.verbs.ownership import OwnershipVerbs
    from kobo_async.verbs.permissions import PermissionVerbs
    from kobo_async.verbs.submissions import SubmissionVerbs

WINDOWED: Final = frozenset({"attachments", "submissions", "sync", "tables"})
"""Attributes that download whole projects."""
TIMED: Final = frozenset({"exports", "forms", "hooks", "ownership"})
"""Attributes whose jobs wait for the server, and so need a clock."""


class Lazy:
    """An attribute that is built at its first use.

    Its class stands in the module of its name among the resources, unless another is named.
    """

    def __init__(self, kind: str, module: str | None) -> None:
        self._kind = kind
        self._module = module

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, api: Api, owner: type) -> Any:
        module = import_module(f"kobo_async.{self._module or f'resources.{self._name}'}")
        built = api.build(getattr(module, self._kind), self._name)
        setattr(api, self._name, built)
        return built


def lazy(kind: str, module: str | None = None) -> Any:
    """Declare an attribute. The annotation beside it is what type checkers see."""
    return Lazy(kind, module)


class Api:
    """The resources of one server, over one sender.

    `scim` sends its own key, by `scim_sender`.
    """

    advanced_features: AdvancedFeatures = lazy("AdvancedFeatures")
    assets: Assets = lazy("Assets")
    attachments: AttachmentVerbs = lazy("AttachmentVerbs", "attachments.mirror")
    billing: Billing = lazy("Billing")
    bulk_actions: BulkActions = lazy("BulkActions")
    deployments: Deployments = lazy("Deployments")
    environment: ServerEnvironment = lazy("ServerEnvironment")
    export_settings: ExportSettings = lazy("ExportSettings")
    exports: ExportVerbs = lazy("ExportVerbs", "verbs.exports")
    files: FileVerbs = lazy("FileVerbs", "verbs.media")
    forms: FormVerbs = lazy("FormVerbs", "verbs.forms")
    history: History = lazy("History")
    hooks: HookVerbs = lazy("HookVerbs", "verbs.hooks")
    imports: Imports = lazy("Imports")
    languages: Languages = lazy("Languages")
    library: LibraryVerbs = lazy("LibraryVerbs", "verbs.library")
    logs: Logs = lazy("Logs")
    me: Account = lazy("Account")
    openrosa: OpenRosa = lazy("OpenRosa")
    organizations: Organizations = lazy("Organizations")
    ownership: OwnershipVerbs = lazy("OwnershipVerbs", "verbs.ownership")
    paired_data: PairedProjects = lazy("PairedProjects")
    permissions: PermissionVerbs = lazy("PermissionVerbs", "verbs.permissions")
    project_views: ProjectViews = lazy("ProjectViews")
    qual_tags: QualTags = lazy("QualTags")
    reports: Reports = lazy("Reports")
    scim: Scim = lazy("Scim")
    snapshots: Snapshots = lazy("Snapshots")
    submissions: SubmissionVerbs = lazy("SubmissionVerbs", "verbs.submissions")
    supplements: Supplements = lazy("Supplements")
    sync: Sync = lazy("Sync", "sync.run")
    tables: ProjectTables = lazy("ProjectTables", "tables.project")
    tags: Tags = lazy("Tags")
    terms: TermsOfService = lazy("TermsOfService")
    token: Tokens = lazy("Tokens")
    usage: Usage = lazy("Usage")
    users: Users = lazy("Users")
    versions: Versions = lazy("Versions")

    def __init__(self, sender: Sender, scim_sender: Sender, clock: Clock, *, window: int) -> None:
        self._sender = sender
        self._scim_sender = scim_sender
        self._clock = clock
        self._window = window

    def build(self, kind: Any, name: str) -> Any:
        """Give a class what it needs."""
        sender = self._scim_sender if name == "scim" else self._sender
        if name in WINDOWED:
            return kind(sender, clock=self._clock, window=self._window)
        return kind(sender, self._clock) if name in TIMED else kind(sender)
