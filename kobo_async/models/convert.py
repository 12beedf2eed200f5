"""Between the server's JSON and the models: the one converter of the package.

Strict where cattrs is lenient by default: a number is not silently turned into text, nor None
into 'None'. Open where the server grows: keys that no model knows are kept in `extra`, and keys
the server left out are remembered, so that structuring and unstructuring give the same JSON. Null
for what a model can do without is as good as left out: one odd value in a list of a thousand
projects must not hide the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, TypeVar, cast, get_args, get_origin, get_type_hints

import attrs
import cattrs
from cattrs import Converter, transform_error
from cattrs.cols import list_structure_factory, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn

from kobo_async.errors import UnexpectedShape

T = TypeVar("T")

FALSE_FOR_NONE: Final = {"false_for_none": True}
"""Metadata of a field for which the server writes `false` where it means null."""

_OFFSET_UTC = timezone(timedelta(0), "+00:00")
"""Equal to UTC; remembers that the server spelled it as an offset."""
_UNCHECKED = (Any, object, bytes, type(None))
_CHECKED = (dict, list)


@attrs.frozen(kw_only=True)
class Model:
    """Base of all models.

    `extra` holds the keys of the reply that the model does not know.
    """

    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    _absent: frozenset[str] = attrs.field(default=frozenset(), repr=False, eq=False)


def structure(body: Any, kind: type[T], label: str = "") -> T:
    """Turn JSON into `kind`.

    Raises:
        UnexpectedShape: naming the fields that do not fit.
    """
    if kind in _UNCHECKED:
        return cast(T, body)
    if kind in _CHECKED:
        return _of_type(body, kind, label)
    try:
        return converter.structure(body, kind)
    except cattrs.BaseValidationError as error:
        problems = "; ".join(transform_error(error)[:5])
        raise UnexpectedShape(f"not a {kind.__name__}: {problems}", label) from error
    except (ValueError, TypeError, KeyError) as error:
        raise UnexpectedShape(f"not a {kind.__name__}: {error}", label) from error


def structure_all(items: Sequence[Any], kind: type[T], label: str = "") -> Sequence[T]:
    """Turn every item of a page into `kind`."""
    if kind in _UNCHECKED or all(type(item) is kind for item in items):
        return items
    return [structure(item, kind, label) for item in items]


def _of_type(body: Any, kind: type[T], label: str) -> T:
    if not isinstance(body, kind):
        raise UnexpectedShape(f"not a {kind.__name__}: {body!r:.60}", label)
    return body


def unstructure(value: Any) -> Any:
    """Turn a model back into the JSON it came from."""
    return converter.unstructure(value)


def _strict(kind: type) -> Callable[[Any, Any], Any]:
    def check(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, got {value!r:.60}")
        return value

    return check


def _number(value: Any, _: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {value!r:.60}")
    return value


def _moment(value: Any, _: Any) -> datetime:
    """Read a time; the server's times are UTC, with or without saying so (`models`)."""
    if not isinstance(value, str):
        raise TypeError(f"expected a time, got {value!r:.60}")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.replace(tzinfo=_OFFSET_UTC) if value.endswith("+00:00") else moment


def _spelled(moment: datetime) -> str:
    """Write a time as the server does: microseconds where there are any, and `Z` for UTC."""
    text = moment.isoformat()
    return text if moment.tzinfo is _OFFSET_UTC else text.replace("+00:00", "Z")


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is Sequence


def _list_hook(kind: Any) -> Callable[[Any, Any], Any]:
    build = list_structure_factory(kind, converter)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise TypeError(f"expected a list, got {value!r:.60}")
        return build(value, kind)

    return hook


def _is_table(kind: Any) -> bool:
    return get_origin(kind) is Mapping


def _table_hook(kind: Any) -> Callable[[Any, Any], Any]:
    build = mapping_structure_factory(kind, converter)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"expected an object, got {value!r:.60}")
        return build(value, kind)

    return hook


def _model_hook(kind: type[Any]) -> Callable[[Any, Any], Any]:
    known = frozenset(field.name for field in attrs.fields(kind)) - {"extra", "_absent"}
    build = make_dict_structure_fn(kind, converter)
    false_for_none, never_none = _false_for_none(kind), _never_none(kind)

    def hook(body: Any, _: Any) -> Any:
        if not isinstance(body, Mapping):
            raise TypeError(f"expected an object, got {body!r:.60}")
        present = {
            key: None if value is False and key in false_for_none else value
            for key, value in body.items()
            if key in known and not (value is None and key in never_none)
        }
        extra = {key: value for key, value in body.items() if key not in present}
        value = build(present, kind)
        return attrs.evolve(value, extra=extra, absent=known - present.keys())

    return hook


def _unmodel(value: Model) -> dict[str, Any]:
    fields = {
        field.name: converter.unstructure(getattr(value, field.name))
        for field in attrs.fields(type(value))
        if field.name not in {"extra", "_absent"} and field.name not in value._absent  # noqa: SLF001 - the converter is the model's other half
    }
    for name in _false_for_none(type(value)) & fields.keys():
        fields[name] = fields[name] or False
    return {**fields, **value.extra}


def _false_for_none(kind: type[Any]) -> frozenset[str]:
    fields = attrs.fields(kind)
    return frozenset(field.name for field in fields if field.metadata.get("false_for_none"))


def _never_none(kind: type[Any]) -> frozenset[str]:
    """Name the fields that have a default, and no room for None."""
    hints = get_type_hints(kind)
    return frozenset(
        field.name
        for field in attrs.fields(kind)
        if field.default is not attrs.NOTHING
        and hints[field.name] not in _UNCHECKED
        and type(None) not in get_args(hints[field.name])
    )


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)


converter = Converter()
for _kind in (str, int, bool):
    converter.register_structure_hook(_kind, _strict(_kind))
converter.register_structure_hook(float, _number)
converter.register_structure_hook(datetime, _moment)
converter.register_structure_hook_factory(_is_list, _list_hook)
converter.register_structure_hook_factory(_is_table, _table_hook)
converter.register_structure_hook_factory(_is_model, _model_hook)
converter.register_unstructure_hook(datetime, _spelled)
converter.register_unstructure_hook_func(_is_model, _unmodel)
