"""Links that feed the data of one project into the form of another (`models §11`)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kobo_async.models.convert import Model
from kobo_async.models.links import uid_of


@attrs.frozen(kw_only=True)
class PairedData(Model):
    """A link to the data of another project.

    `source` is None when that project was deleted, and always in the answer to a creation.
    An empty `fields` stands for all questions.
    """

    source: str | None
    source__name: str | None
    fields: Sequence[str]
    filename: str
    url: str

    @property
    def uid(self) -> str:
        """The uid, which the server tells only inside `url`."""
        return uid_of(self.url)
