"""Exports: what to ask for, the tasks, and settings kept for later (`models §10`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

import attrs

from kobo_async.errors import QueryError
from kobo_async.models.convert import Model
from kobo_async.query import Where, checked

ExportType: TypeAlias = Literal["csv", "xls", "geojson", "kml", "spss_labels"]
MultipleSelect: TypeAlias = Literal["both", "summary", "details"]
ANY_LANGUAGE = ("_default", "_xml")


def _one_of(_: object, field: attrs.Attribute[Any], value: object) -> None:
    known = get_args({"type": ExportType, "multiple_select": MultipleSelect}[field.name])
    if value not in known:
        hint = "; ask for xls, the file is an .xlsx" if value == "xlsx" else ""
        raise QueryError(f"{field.name} is one of {', '.join(known)}, not {value!r}{hint}")


def _yes_or_no(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not isinstance(value, bool):
        raise QueryError(f"{field.name} is True or False, not {value!r}")


def _list(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise QueryError(f"{field.name} is a list, not {value!r}")


@attrs.frozen
class ExportOptions:
    """What an export holds and how it looks (`api-facts §5`).

    What is None or empty is left to the server. CSV files have `;` between quoted values.

    Attributes:
        type: `xls` makes an .xlsx file, `spss_labels` a .zip.
        lang: a language of the form, `_default` for its default one, `_xml` for names and values
            instead of labels.
        multiple_select: one column with all chosen answers, one for each choice, or both.
        group_sep: stands between the names of nested groups.
        hierarchy_in_labels: whether column heads name the groups.
        fields_from_all_versions: whether columns of older versions of the form are kept.
        fields: paths of questions; empty for all. Groups and ids come along.
        flatten: for GeoJSON: one feature for each geo question, not for each submission.
        include_media_url: whether media answers get a column with their address.
        xls_types_as_text: whether numbers and dates are text; the server's default is True.
        submission_ids: `_id` of the submissions to export; empty for all.
        query: a Mongo query, checked like those of the data list.
        name: shown in the list of exports.

    Errors: QueryError for what the server would refuse, or take for something else.
    """

    type: ExportType = attrs.field(validator=_one_of)
    lang: str = attrs.field(default="_default", kw_only=True)
    multiple_select: MultipleSelect = attrs.field(default="both", kw_only=True, validator=_one_of)
    group_sep: str = attrs.field(default="/", kw_only=True)
    hierarchy_in_labels: bool = attrs.field(default=False, kw_only=True, validator=_yes_or_no)
    fields_from_all_versions: bool = attrs.field(default=True, kw_only=True, validator=_yes_or_no)
    fields: Sequence[str] = attrs.field(default=(), kw_only=True, validator=_list)
    flatten: bool | None = attrs.field(default=None, kw_only=True, validator=_yes_or_no)
    include_media_url: bool | None = attrs.field(default=None, kw_only=True, validator=_yes_or_no)
    xls_types_as_text: bool | None = attrs.field(default=None, kw_only=True, validator=_yes_or_no)
    submission_ids: Sequence[int] = attrs.field(default=(), kw_only=True, validator=_list)
    query: Where = attrs.field(default=None, kw_only=True)
    name: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.lang:
            raise QueryError("lang is a language of the form, _default or _xml")
        if self.hierarchy_in_labels and not self.group_sep:
            raise QueryError("hierarchy_in_labels needs a group_sep")
        if self.type == "kml" and self.flatten is not None:
            raise QueryError("flatten is for GeoJSON")
        if not all(type(one) is int for one in self.submission_ids):
            raise QueryError("submission_ids are integers: the _id of submissions")
        checked(self.query)

    def check_lang(self, languages: Sequence[str | None]) -> None:
        """Compare the language with those of a form, which are in `summary["languages"]`.

        Raises:
            QueryError: for a language that the form does not have.
        """
        known = (*(name for name in languages if name is not None), *ANY_LANGUAGE)
        if self.lang not in known:
            raise QueryError(f"the form has no language {self.lang!r}: {', '.join(known)}")

    def as_json(self) -> dict[str, Any]:
        """Return what is sent: the six mandatory settings, and what else was chosen."""
        optional = {
            "fields": list(self.fields) or None,
            "flatten": self.flatten,
            "include_media_url": self.include_media_url,
            "xls_types_as_text": self.xls_types_as_text,
            "submission_ids": list(self.submission_ids) or None,
            "query": checked(self.query),
            "name": self.name,
        }
        return {
            "type": self.type,
            "lang": self.lang,
            "multiple_select": self.multiple_select,
            "group_sep": self.group_sep,
            "hierarchy_in_labels": self.hierarchy_in_labels,
            "fields_from_all_versions": self.fields_from_all_versions,
            **{name: value for name, value in optional.items() if value is not None},
        }


@attrs.frozen(kw_only=True)
class ExportTask(Model):
    """An export in the making, or made.

    `status` goes from `created` over `processing` to `complete` or `error`; `result`, the address
    of the file, is None until `complete`. `messages` holds `error` and `error_type` of a failure,
    `data` the settings, and `processing_time_seconds` after the run.
    """

    uid: str
    status: str
    url: str = ""
    date_created: datetime | None = None
    last_submission_time: datetime | None = None
    result: str | None = None
    messages: Mapping[str, Any] = attrs.field(factory=dict)
    data: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def finished(self) -> bool:
        """Whether there is nothing to wait for any more, be it success or failure."""
        return self.status in {"complete", "error"}


@attrs.frozen(kw_only=True)
class ExportSetting(Model):
    """Settings kept under a name, for exports that are made while one waits.

    `export_settings` is as it was sent: booleans may be the texts `true` and `false`.
    """

    uid: str
    name: str
    url: str = ""
    data_url_csv: str = ""
    data_url_xlsx: str = ""
    date_modified: datetime | None = None
    export_settings: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
