"""What every view has in common: its table entry and the request it works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from kobo_async.testing.messages import DRF_VARY, Reply, RequestInfo
from kobo_async.testing.negotiation import DEFAULT, Renderer

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
    def existing(self) -> FakeForm:
        """The form, in views that have checked that there is one."""
        assert self.form is not None
        return self.form


Handler = Callable[[Asked], Reply]


@attrs.frozen
class View:
    """One entry of the path table.

    Attributes:
        allow: methods the real server knows, for the header and for 405.
        handlers: those the fake server answers; the others are 501.
        check: refuses those who may not be here; runs before the method is looked at.
        outside: a missing asset is a page of the site instead of JSON (api-facts §1).
        negotiated: whether Accept is looked at.
    """

    allow: str
    handlers: Mapping[str, Handler]
    check: Callable[[Asked], None] | None = None
    renderers: Sequence[Renderer] = DEFAULT
    outside: bool = False
    negotiated: bool = True
    vary: str = DRF_VARY
