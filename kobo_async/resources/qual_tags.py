"""Tags of qualitative analysis (`…/qual-questions/{uid}/tags/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import Op, Paging
from kobo_async.models.advanced import QualTag
from kobo_async.pages import Pages, Sender

LIST = Op(
    "GET",
    "/api/v2/assets/{uid_asset}/qual-questions/{uid_qa_question}/tags/",
    QualTag,
    paging=Paging.ARRAY,
)


@attrs.frozen
class QualTags:
    """Tags that were given in answers to analysis questions."""

    _sender: Sender

    def list(self, uid_asset: str, uid_qa_question: str) -> Pages[QualTag]:
        """List the tags that were used for an analysis question.

        Permission: `change_submissions`; its partial form is not enough. Errors: NotFound.
        """
        return self._sender.pages(LIST.at(uid_asset, uid_qa_question))
