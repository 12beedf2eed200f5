"""Reports: statistics of answers, computed by the server (`models §19`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class QuestionReport(Model):
    """Statistics of the answers to one question.

    `data` holds counts (`total_count`, `provided`, `not_provided`), then what fits the type:
    `responses`, `frequencies` and `percentages`, or `mean`, `median`, `mode` and `stdev`. A report
    that is split by another question has `values`: pairs of an answer and its statistics.
    """

    name: str
    row: Mapping[str, Any]
    data: Mapping[str, Any] = attrs.field(repr=False)
    kuid: str | None = None
    style: Mapping[str, Any] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True)
class Report(Model):
    """Statistics of several questions. `count` is the number of questions."""

    url: str
    count: int
    list: Sequence[QuestionReport] = attrs.field(repr=False)
