"""Tags of assets (`/api/v2/tags/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import Op, Paging
from kobo_async.models.library import Tag
from kobo_async.pages import Pages, Sender

LIST = Op("GET", "/api/v2/tags/", Tag, paging=Paging.COUNTED)


@attrs.frozen
class Tags:
    """Tags of the assets that the caller can see. `assets.update` sets them."""

    _sender: Sender

    def list(self, *, page_size: int = 1000) -> Pages[Tag]:
        """List tags. There is no search: the server fails at `q` (`observed §10`).

        Permission: any account; others get an empty list.
        """
        return self._sender.pages(LIST.at(query={"limit": page_size}))
