"""Between the server's JSON and the models: the one converter of the package.

Strict where cattrs is lenient by default: a number is not silently turned into text, nor None
into 'None'. Open where the server grows: keys that no model knows are kept in `extra`, and keys
the server left out are remembered, so that structuring and unstructuring give the same JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import attrs
import cattrs
from cattrs import Converter, transform_error
from cattrs.gen import make_dict_structure_fn

from kobo_async.errors import UnexpectedShape

T = TypeVar("T")

_PLAIN = (Any, dict, list, bytes, type(None), object)


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
    if kind in _PLAIN:
        return cast(T, body)
    try:
        return converter.structure(body, kind)
    except cattrs.BaseValidationError as error:
        problems = "; ".join(transform_error(error)[:5])
        raise UnexpectedShape(f"not a {kind.__name__}: {problems}", label) from error
    except (ValueError, TypeError, KeyError) as error:
        raise UnexpectedShape(f"not a {kind.__name__}: {error}", label) from error


def structure_all(items: Sequence[Any], kind: type[T], label: str = "") -> Sequence[T]:
    """Turn every item of a page into `kind`."""
    if kind in _PLAIN:
        return items
    return [structure(item, kind, label) for item in items]


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
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _model_hook(kind: type[Any]) -> Callable[[Any, Any], Any]:
    known = frozenset(field.name for field in attrs.fields(kind)) - {"extra", "_absent"}
    build = make_dict_structure_fn(kind, converter)

    def hook(body: Any, _: Any) -> Any:
        if not isinstance(body, Mapping):
            raise TypeError(f"expected an object, got {body!r:.60}")
        extra = {key: value for key, value in body.items() if key not in known}
        present = {key: value for key, value in body.items() if key in known}
        value = build(present, kind)
        return attrs.evolve(value, extra=extra, absent=known - present.keys())

    return hook


def _unmodel(value: Model) -> dict[str, Any]:
    fields = {
        field.name: converter.unstructure(getattr(value, field.name))
        for field in attrs.fields(type(value))
        if field.name not in {"extra", "_absent"} and field.name not in value._absent  # noqa: SLF001 - the converter is the model's other half
    }
    return {**fields, **value.extra}


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)


converter = Converter(unstruct_collection_overrides={tuple: list})
for _kind in (str, int, bool):
    converter.register_structure_hook(_kind, _strict(_kind))
converter.register_structure_hook(float, _number)
converter.register_structure_hook(datetime, _moment)
converter.register_structure_hook_factory(_is_model, _model_hook)
converter.register_unstructure_hook_func(_is_model, _unmodel)
