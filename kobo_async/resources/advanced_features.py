"""Questions prepared for transcription, translation or analysis (`…/advanced-features/`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import attrs

from kobo_async.call import Op, Paging
from kobo_async.models.advanced import AdvancedFeature
from kobo_async.pages import Pages, Sender

Action: TypeAlias = Literal[
    "manual_transcription",
    "manual_translation",
    "automatic_google_transcription",
    "automatic_google_translation",
    "manual_qual",
    "automatic_bedrock_qual",
]
Params: TypeAlias = Sequence[Mapping[str, Any]]

_ALL = "/api/v2/assets/{uid_asset}/advanced-features/"
_ONE = "/api/v2/assets/{uid_asset}/advanced-features/{uid_advanced_feature}/"

LIST = Op("GET", _ALL, AdvancedFeature, paging=Paging.ARRAY)
CREATE = Op("POST", _ALL, AdvancedFeature, repeatable=False)
GET = Op("GET", _ONE, AdvancedFeature)
UPDATE = Op("PATCH", _ONE, AdvancedFeature, repeatable=True)


@attrs.frozen
class AdvancedFeatures:
    """Which questions of a project can be transcribed, translated or analysed."""

    _sender: Sender

    def list(self, uid_asset: str) -> Pages[AdvancedFeature]:
        """List what the questions of a project are prepared for.

        Permission: `view_asset`. Errors: NotFound.
        """
        return self._sender.pages(LIST.at(uid_asset))

    async def create(
        self, uid_asset: str, *, question_xpath: str, action: Action, params: Params
    ) -> AdvancedFeature:
        """Prepare a question for an action.

        `params` are languages, `[{"language": "en"}]`, or questions of qualitative analysis,
        `[{"uuid": …, "type": "qualText", "labels": {"_default": …}}]`. A question has each
        action once: add to it with `update`.

        Permission: `change_submissions`. Errors: BadRequest, also where it exists.
        """
        body = {"action": action, "question_xpath": question_xpath, "params": [*params]}
        return await self._sender.send(CREATE.at(uid_asset, json=body))

    async def get(self, uid_asset: str, uid_advanced_feature: str) -> AdvancedFeature:
        """Fetch what a question is prepared for.

        Permission: `view_asset`. Errors: NotFound.
        """
        return await self._sender.send(GET.at(uid_asset, uid_advanced_feature))

    async def update(
        self, uid_asset: str, uid_advanced_feature: str, *, params: Params
    ) -> AdvancedFeature:
        """Add languages or analysis questions; nothing can be removed.

        Give all analysis questions: one that is left out is kept, but marked as deleted.

        Permission: `change_submissions`. Errors: BadRequest, NotFound (`models §13`).
        """
        body = {"params": [*params]}
        return await self._sender.send(UPDATE.at(uid_asset, uid_advanced_feature, json=body))
