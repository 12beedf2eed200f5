"""What is to be done, cut into units.

The submissions of a plan are those with `after < _id <= pin`. `bounds` are those two and the ids
in between at which it is cut: every submission belongs to exactly one unit, whatever is inserted
or deleted meanwhile. That units hold about as many rows each is a matter of speed alone.

A unit holds all that it takes to do it, but for secrets: whoever does it connects with credentials
of his own, which should see as much as those of whoever made the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Literal, Self, TypeAlias

import attrs
import orjson

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Layout, TableOptions
from kobo_async.forms.layout import lay_out
from kobo_async.forms.schema import Form
from kobo_async.models.convert import structure, unstructure
from kobo_async.sinks.base import TableSink

DIGITS: Final = 12


class Portable:
    """A value that travels as JSON."""

    def dumps(self) -> str:
        """Return it as JSON."""
        return orjson.dumps(unstructure(self)).decode()

    @classmethod
    def loads(cls, text: str | bytes) -> Self:
        """Read it from JSON.

        Raises:
            UnexpectedShape: for something else.
        """
        return structure(orjson.loads(text), cls)


@attrs.frozen(kw_only=True)
class Tables:
    """Write the tables of a form as Parquet.

    Attributes:
        form: as it was when the plan was made, so that all parts have the same columns.
        options: of `TableOptions`.
    """

    target: str
    form: Form
    options: Mapping[str, Any] = attrs.field(factory=dict)
    partition_by: str | None = None
    kind: Literal["tables"] = "tables"

    def layout(self) -> Layout:
        """Lay out the tables."""
        return lay_out(self.form, TableOptions(**self.options))

    def sink(self, part: str) -> TableSink:
        """Return what writes one part of them.

        Raises:
            ConfigError: for a column that nothing can be divided by, and without the extra `arrow`.
        """
        from kobo_async.sinks.parquet import Parquet  # noqa: PLC0415 - an extra

        return Parquet(self.target, self.layout(), partition_by=self.partition_by, part=part)


@attrs.frozen(kw_only=True)
class Lines:
    """Write rows as the server sends them, as lines of JSON."""

    target: str
    fields: tuple[str, ...] | None = None
    kind: Literal["lines"] = "lines"


@attrs.frozen(kw_only=True)
class Files:
    """Mirror attachments.

    Attributes:
        options: of `client.attachments.mirror`.
    """

    target: str
    options: Mapping[str, Any] = attrs.field(factory=dict)
    kind: Literal["files"] = "files"


Job: TypeAlias = Tables | Lines | Files


@attrs.frozen(kw_only=True)
class Work:
    """What all units of a plan have in common.

    Attributes:
        server: address of the server.
        asset: uid of the project.
        where: condition on submissions, which was checked.
    """

    server: str
    asset: str
    where: Mapping[str, Any] | None = None
    job: Job


@attrs.frozen(kw_only=True)
class Unit(Portable):
    """The part of a plan about the submissions with `after < _id <= upto`."""

    work: Work
    after: int
    upto: int

    @property
    def name(self) -> str:
        """Its name among the units of all plans of the project: the ids from and to."""
        return f"{self.after + 1:0{DIGITS}}-{self.upto:0{DIGITS}}"


@attrs.frozen(kw_only=True)
class Plan(Portable):
    """A download or a mirror in parts.

    Attributes:
        expected: submissions there were when the plan was made.
        bounds: where it begins, is cut, and ends; rising.
    """

    work: Work
    expected: int
    bounds: tuple[int, ...]

    def __attrs_post_init__(self) -> None:
        if not self.bounds or any(upto <= after for after, upto in pairwise(self.bounds)):
            raise ConfigError(f"the bounds of a plan rise, and these do not: {self.bounds}")

    @property
    def units(self) -> Sequence[Unit]:
        """The units, in the order of `_id`; none where there is nothing to do."""
        return [*self._units()]

    def _units(self) -> Iterator[Unit]:
        for after, upto in pairwise(self.bounds):
            yield Unit(work=self.work, after=after, upto=upto)

    def unit(self, name: str) -> Unit:
        """Return one unit.

        Raises:
            ConfigError: if there is none of that name.
        """
        found = next((one for one in self._units() if one.name == name), None)
        if found is None:
            raise ConfigError(f"the plan has no unit {name}")
        return found
