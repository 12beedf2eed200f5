"""What every view has in common: its table entry and the request it works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import orjson

from kobo_async.testing.body import BodyError, read_data
from kobo_async.testing.messages import DRF_VARY, CrashError, RefusedError, Reply, RequestInfo
from kobo_async.testing.negotiation import DEFAULT, Renderer
from kobo_async.testing.paging import Window, envelope, links, window
from kobo_async.testing.paths import BASE

if TYPE_CHECKING:
    from kobo_async.testing.form import FakeForm
    from kobo_async.testing.server import FakeKobo
    from kobo_async.testing.users import User


@attrs.frozen
class Asked:
    """A request on its way through a view.

    Attributes:
        params: what the path names.
        suffix: format that ends the path, such as `json` in `/assets.json`.
        form: the asset the path names, if it exists.
    """

    fake: FakeKobo
    info: RequestInfo
    params: Mapping[str, str]
    suffix: str | None
    form: FakeForm | None
    renderer: Renderer

    @property
    def user(self) -> User | None:
        """The account that asks, None for anonymous."""
        return self.fake.users[self.info.user] if self.info.user else None

    @property
    def superuser(self) -> bool:
        """Whether the account may see everything."""
        return self.user is not None and self.user.superuser

    @property
    def data(self) -> Any:
        """What the body holds; one that cannot be read crashes most views (observed §0)."""
        try:
            return read_data(self.info.headers.get("content-type", ""), self.info.body)
        except BodyError:
            raise CrashError from None

    @property
    def fields(self) -> dict[str, Any]:
        """What the body holds by name; a body of anything else crashes most views."""
        data = self.data
        if not isinstance(data, dict):
            raise CrashError
        return data

    def linked(self, content: Any, status: int = 200, *, located: bool = False) -> Reply:
        """Return a JSON reply whose links lead to this server; `located` names the new thing."""
        text = orjson.dumps(content).replace(BASE.encode(), self.info.base.encode())
        headers = {"location": content["url"].replace(BASE, self.info.base)} if located else {}
        return Reply(status, text, headers=headers)

    @property
    def window(self) -> Window:
        """Which part of a list is asked for."""
        return window(self.info.query, self.fake.default_page, self.fake.max_page)

    def listed(self, items: Sequence[Any], show: Callable[[Any], Any] | None = None) -> Reply:
        """Return one page of a counted list, each item as `show` makes it."""
        return self.linked(envelope(self.info, self.window, len(items), self._page(items, show)))

    def uncounted(self, items: Sequence[Any], show: Callable[[Any], Any] | None = None) -> Reply:
        """Return one page of a list that does not tell how long it is."""
        following, previous = links(self.info, self.window, len(items))
        results = self._page(items, show)
        return self.linked({"next": following, "previous": previous, "results": results})

    def _page(self, items: Sequence[Any], show: Callable[[Any], Any] | None) -> list[Any]:
        part = self.window
        page = items[part.start : part.start + part.limit]
        return list(map(show, page) if show else page)

    @property
    def existing(self) -> FakeForm:
        """The form, in views that have checked that there is one."""
        assert self.form is not None
        return self.form


Handler = Callable[[Asked], Reply]
Check = Callable[[Asked], object]


@attrs.frozen
class View:
    """One entry of the path table.

    Attributes:
        allow: methods the real server knows, for the header and for 405.
        handlers: those the fake server answers; the others are 501.
        check: refuses those who may not be here; runs before the method is looked at.
        outside: a missing asset is a page of the site instead of JSON (api-facts §1).
        negotiated: whether Accept is looked at.
        refuse: writes refusals where they are not JSON.
    """

    allow: str
    handlers: Mapping[str, Handler]
    check: Check | None = None
    renderers: Sequence[Renderer] = DEFAULT
    outside: bool = False
    negotiated: bool = True
    vary: str = DRF_VARY
    refuse: Callable[[RefusedError], Reply] | None = None
