"""Terms of service (`/api/v2/terms-of-service/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import Op, Paging
from kobo_async.models.terms import Terms
from kobo_async.pages import Pages, Sender

LIST = Op("GET", "/api/v2/terms-of-service/", Terms, paging=Paging.ARRAY)
GET = Op("GET", "/api/v2/terms-of-service/{slug}/", Terms)


@attrs.frozen
class TermsOfService:
    """Terms that users of the server agree to."""

    _sender: Sender

    def list(self) -> Pages[Terms]:
        """List the documents of the terms. Permission: any account."""
        return self._sender.pages(LIST.at())

    async def get(self, slug: str) -> Terms:
        """Fetch one document. Permission: any account. Errors: NotFound."""
        return await self._sender.send(GET.at(slug))
