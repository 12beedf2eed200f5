"""What a fake server keeps for those who manage projects, beside users and forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kobo_async.testing.form import FakeForm
    from kobo_async.testing.rowlife import RowLife


class Managing:
    """State and settings of imports, exports, hooks and the like.

    Attributes:
        trash: assets that were deleted; superusers can put them back.
    """

    def __init__(self) -> None:
        self.forms: dict[str, FakeForm] = {}
        self.trash: dict[str, FakeForm] = {}

    def submitted(self, form: RowLife, row: dict[str, Any]) -> None:
        """Tell the hooks of a form about a new submission."""

    def discard(self, form: FakeForm) -> None:
        """Put an asset into the trash."""
        self.trash[form.uid] = self.forms.pop(form.uid)

    def restore(self, form: FakeForm) -> None:
        """Take an asset out of the trash."""
        self.forms[form.uid] = self.trash.pop(form.uid)
