"""How much of a plan is used up (`models §14`)."""

from __future__ import annotations

from datetime import datetime

import attrs

from kobo_async.models.convert import Model
from kobo_async.models.links import uid_of


@attrs.frozen(kw_only=True)
class NlpUsage(Model):
    """Seconds transcribed, characters translated, requests to language models."""

    asr_seconds_current_period: int = 0
    asr_seconds_all_time: int = 0
    mt_characters_current_period: int = 0
    mt_characters_all_time: int = 0
    llm_requests_current_period: int = 0
    llm_requests_all_time: int = 0


@attrs.frozen(kw_only=True)
class SubmissionUsage(Model):
    """Submissions received; deleting does not lower the numbers."""

    current_period: int = 0
    all_time: int = 0


@attrs.frozen(kw_only=True)
class Balance(Model):
    """What is left of a limit; negative when it is exceeded."""

    effective_limit: int
    balance_value: int
    balance_percent: int
    exceeded: bool


@attrs.frozen(kw_only=True)
class Balances(Model):
    """What is left of each limit; None where there is none."""

    submission: Balance | None = None
    storage_bytes: Balance | None = None
    asr_seconds: Balance | None = None
    mt_characters: Balance | None = None
    llm_requests: Balance | None = None


@attrs.frozen(kw_only=True)
class ServiceUsage(Model):
    """Use of all projects together, as the server last counted: `last_updated`."""

    total_nlp_usage: NlpUsage
    total_storage_bytes: int
    total_submission_count: SubmissionUsage
    balances: Balances = attrs.field(factory=Balances)
    current_period_start: datetime | None = None
    current_period_end: datetime | None = None
    last_updated: datetime | None = None


@attrs.frozen(kw_only=True)
class AssetNlpUsage(Model):
    """Seconds transcribed, characters translated, requests to language models, for one project."""

    total_nlp_asr_seconds: int = 0
    total_nlp_mt_characters: int = 0
    total_nlp_llm_requests: int = 0


@attrs.frozen(kw_only=True)
class AssetUsage(Model):
    """Use of one project; `storage_bytes` is the size of its attachments.

    `deployment_status` is told in lists of organizations only.
    """

    asset: str
    asset__name: str
    storage_bytes: int = 0
    submission_count_current_period: int = 0
    submission_count_all_time: int = 0
    nlp_usage_current_period: AssetNlpUsage = attrs.field(factory=AssetNlpUsage)
    nlp_usage_all_time: AssetNlpUsage = attrs.field(factory=AssetNlpUsage)
    deployment_status: str | None = None

    @property
    def uid(self) -> str:
        """Identifier of the project."""
        return uid_of(self.asset)
