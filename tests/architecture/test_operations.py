"""Rules about operations, each proved over all resources: none needs a test of its own for them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from itertools import chain
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote

import attrs
import pytest

from kobo_async import KoboClient, resources
from kobo_async.call import Call, Omit, Op, Paging
from kobo_async.events import Event, Observer
from kobo_async.models.export import ExportOptions
from kobo_async.models.permission import Grant
from kobo_async.operations import operations
from kobo_async.pages import Page, Pages
from kobo_async.q import Q

Method = Callable[..., Any]
MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.iter_modules(resources.__path__, "kobo_async.resources.")
]
OPS: Mapping[str, Op[Any]] = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, Op)
}


def _is_resource(kind: type[Any]) -> bool:
    return attrs.has(kind) and any(field.name == "_sender" for field in attrs.fields(kind))


CLASSES: Sequence[type[Any]] = [
    kind
    for module in MODULES
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if kind.__module__ == module.__name__ and _is_resource(kind)
]
METHODS: Mapping[str, tuple[type[Any], Method]] = {
    f"{kind.__name__}.{name}": (kind, method)
    for kind in CLASSES
    for name, method in vars(kind).items()
    if inspect.isfunction(method) and not name.startswith("_")
}
KEYWORDS = [
    (name, parameter.name)
    for name, (_, method) in METHODS.items()
    for parameter in inspect.signature(method).parameters.values()
    if parameter.kind is parameter.KEYWORD_ONLY
]


class Recorder:
    """A sender that keeps the calls and answers with as little as their types allow."""

    def __init__(self) -> None:
        self.calls: list[Call[Any]] = []

    async def send(self, call: Call[Any], /) -> Any:
        self.calls.append(call)
        return document(call) if call.op.result is bytes else example(call.op.result)

    async def page(self, call: Call[Any], /) -> Page[Any]:
        self.calls.append(call)
        return Page([example(call.op.result)], 1, more=False)

    def pages(self, call: Call[Any], /) -> Pages[Any]:
        return Pages(call, self.page)

    def observed(self, observer: Observer, /) -> Recorder:  # noqa: ARG002 - the protocol
        return self

    def tell(self, event: Event, /) -> None:
        """Tell nobody."""

    @asynccontextmanager
    async def open(self, call: Call[Any], /) -> AsyncIterator[Whole]:
        self.calls.append(call)
        yield Whole(document(call))


@attrs.frozen
class Whole:
    """A body that comes in one piece."""

    content: bytes
    headers: Mapping[str, str] = attrs.field(factory=dict)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content


def document(call: Call[Any]) -> bytes:
    if call.query.get("format") == "geojson":
        return b'{"type": "FeatureCollection", "features": []}'
    if call.op.path.endswith("/submission"):
        return b"<OpenRosaResponse><message>Saved.</message></OpenRosaResponse>"
    return b"<root><count>1</count><results><a/></results></root>"


def example(kind: Any, other: int = 0) -> Any:
    """Return a value that fits an annotation; with `other=1` another one."""
    origin, arguments = get_origin(kind), get_args(kind)
    if attrs.has(kind) and kind is not Q:
        return _instance(kind)
    if origin is Literal:
        return arguments[other % len(arguments)]
    if origin in {Union, UnionType}:
        return example(next(one for one in arguments if one not in {Omit, NoneType}), other)
    if origin is Sequence and arguments[0] is not Any:
        return [example(arguments[0], other)]
    return EXAMPLES[origin or kind][other]


def _instance(kind: Any) -> Any:
    hints = get_type_hints(kind)
    needed = [field for field in attrs.fields(kind) if field.default is attrs.NOTHING]
    return kind(**{field.alias: example(hints[field.name]) for field in needed})


EXAMPLES: Mapping[Any, tuple[Any, Any]] = {
    str: ("a text", "another"),
    int: (17, 18),
    float: (1.5, 2.5),
    bool: (True, False),
    bytes: (b"", b"-"),
    dict: ({"_id": 1}, {"_id": 2}),
    list: ([], []),
    object: ({}, {}),
    NoneType: (None, None),
    Mapping: ({"_id": -1}, {"_id": 1}),
    datetime: (datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)),
    Q: (Q("name:well"), Q("name:school")),
}
# What fits better than anything made from the annotation alone.
VALIDATION = ("validation_status_approved", "validation_status_on_hold")
TEMPLATES = ("%SUBMISSION%", "[%SUBMISSION%]")
FILTERS = tuple({"view_submissions": [{"_submitted_by": name}]} for name in "ab")
LOGIN = {"username": "a text", "password": "a text"}
FITTING: Mapping[tuple[str, str], tuple[Any, Any]] = {
    ("BulkActions.list", "status"): (["pending"], ["complete"]),
    ("ExportSettings.create", "options"): (ExportOptions(type="csv"), ExportOptions(type="xls")),
    ("History.list", "actions"): (["add-submission"], ["delete-submission"]),
    ("Hooks.create", "payload_template"): TEMPLATES,
    ("Hooks.update", "payload_template"): TEMPLATES,
    ("OpenRosa.submit_json", "submission"): ({"size": "1"}, {"size": "2"}),
    ("Permissions.assign", "filters"): FILTERS,
    ("Permissions.copy_from", "expected"): (0, 0),
    ("Permissions.replace_all", "expected"): (0, 0),
    ("Permissions.replace_all", "grants"): ([], [Grant("another", "view_asset")]),
    ("SubmissionWrites.bulk_set_validation_status", "status"): VALIDATION,
    ("SubmissionWrites.bulk_update", "data"): ({"size": "1"}, {"size": "2"}),
    ("SubmissionWrites.delete_all", "expected"): (1, 1),
    ("SubmissionWrites.set_validation_status", "status"): VALIDATION,
    ("Supplements.update", "changes"): ({"one": {"action": {}}}, {"other": {"action": {}}}),
    ("Assets.delete_many", "expected"): (1, 1),
}
TOGETHER: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("Hooks.create", "password"): LOGIN,
    ("Hooks.create", "username"): LOGIN,
    ("Hooks.update", "password"): LOGIN,
    ("Hooks.update", "username"): LOGIN,
    ("Permissions.assign", "filters"): {"permission": "partial_submissions"},
    ("Supplements.bulk_accept", "action_id"): {"language": "fr"},
}
"""What must be given along with an argument."""
STRIPE = "/api/v2/stripe/"
WITHOUT_SLASHES = (
    "/api/v2/scim/",
    *(f"{STRIPE}{name}" for name in ("change-plan", "checkout-link", "customer-portal")),
)
"""Parts of the server whose paths go without the slash at the end."""
GETS_THAT_ACT = {"billing.CHANGE_PLAN", "logs.PROJECT_HISTORY_ALL_EXPORT_BY_GET"}
NEVER_SENT = {"expected"}
"""Arguments that are compared with something here."""


async def calls(name: str, /, **more: Any) -> list[Call[Any]]:
    """Call a method with what it must have, and return what it sent."""
    kind, method = METHODS[name]
    recorder = Recorder()
    given = {**{one: value(name, one) for one in required(method)}, **more}
    result = method(kind(recorder), *(f"<{one}>" for one in positional(method)), **given)
    if inspect.iscoroutine(result):
        result = await result
    if isinstance(result, Pages) or inspect.isasyncgen(result):
        _ = [item async for item in result]
    elif isinstance(result, AbstractAsyncContextManager):
        async with result:
            pass
    return recorder.calls


def parameters(method: Method) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())[1:]


def positional(method: Method) -> list[str]:
    return [one.name for one in parameters(method) if one.kind is one.POSITIONAL_OR_KEYWORD]


def required(method: Method) -> list[str]:
    return [
        one.name
        for one in parameters(method)
        if one.kind is one.KEYWORD_ONLY and one.default is one.empty
    ]


def value(name: str, keyword: str, other: int = 0) -> Any:
    if (name, keyword) in FITTING:
        return FITTING[name, keyword][other]
    return example(get_type_hints(METHODS[name][1])[keyword], other)


def test_there_are_operations_and_methods():
    assert OPS
    assert METHODS


@pytest.mark.parametrize("name", OPS)
def test_a_path_ends_with_a_slash_where_the_server_redirects_without(name: str):
    path = OPS[name].path
    openrosa = name.startswith("openrosa.")
    file = "." in path.rpartition("/")[2]
    assert path.startswith("/")
    assert path.endswith("/") is not (openrosa or file or path.startswith(WITHOUT_SLASHES))


@pytest.mark.parametrize("name", OPS)
def test_placeholders_are_different_identifiers(name: str):
    params = OPS[name].params
    assert all(param.isidentifier() for param in params)
    assert len(set(params)) == len(params)


@pytest.mark.parametrize("name", OPS)
def test_only_what_reads_is_paged(name: str):
    assert OPS[name].paging in {Paging.NONE, Paging.ARRAY} or OPS[name].method == "GET"


@pytest.mark.parametrize("name", OPS)
def test_what_reads_may_be_repeated(name: str):
    reads = OPS[name].method in {"GET", "HEAD"} and name not in GETS_THAT_ACT
    assert OPS[name].repeatable or not reads


def test_what_fetches_one_of_a_list_is_called_get():
    lists = {op.path.rstrip("/") for op in OPS.values() if op.paging is not Paging.NONE}
    ones = [
        name
        for name, op in OPS.items()
        if op.method == "GET" and re.sub(r"/\{\w+\}/?$", "", op.path) in lists - {op.path}
    ]
    assert ones
    assert [name for name in ones if not name.partition(".")[2].startswith("GET")] == []


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_resource_needs_nothing_but_a_sender(kind: type[Any]):
    needed = [one.name for one in attrs.fields(kind) if one.default is attrs.NOTHING]
    assert needed == ["_sender"]


@pytest.mark.anyio
@pytest.mark.parametrize("name", METHODS)
async def test_positional_arguments_fill_the_path_in_order(name: str):
    _, method = METHODS[name]
    sent = await calls(name)
    assert tuple(positional(method)) in {call.op.params for call in sent}
    for call in sent:
        quoted = {param: quote(f"<{param}>", safe="") for param in call.op.params}
        assert call.path == call.op.path.format(**quoted)


@pytest.mark.anyio
@pytest.mark.parametrize(("name", "keyword"), KEYWORDS, ids=lambda part: part)
async def test_every_keyword_argument_changes_the_request(name: str, keyword: str):
    _, method = METHODS[name]
    along = TOGETHER.get((name, keyword), {})
    one, other = ({**along, keyword: value(name, keyword, which)} for which in (0, 1))
    sent = await calls(name, **other if keyword in required(method) else {})
    changed = await calls(name, **one) != sent or await calls(name, **other) != sent
    assert changed or keyword in NEVER_SENT


@pytest.mark.anyio
async def test_every_operation_is_sent_by_a_method():
    sent = chain.from_iterable([await calls(name) for name in METHODS])
    assert {(call.op.method, call.op.path) for call in sent} == {
        (op.method, op.path) for op in OPS.values()
    }


def test_an_operation_is_called_on_the_client_by_the_name_in_the_table():
    client = KoboClient("http://localhost", token="a-token")
    missing = [one.name for one in operations() if not _callable(client, one.name)]
    assert operations()
    assert not missing


def _callable(client: KoboClient, name: str) -> bool:
    try:
        return callable(attrgetter(name)(client))
    except AttributeError:
        return False


def test_every_method_says_who_may_call_it():
    silent = [name for name, (_, one) in METHODS.items() if "ermission" not in (one.__doc__ or "")]
    assert silent == []


def test_every_method_that_writes_says_what_it_raises():
    silent = [
        name
        for name, (kind, method) in METHODS.items()
        if any(op.method not in {"GET", "HEAD"} for op in _sent_by(kind, method))
        and not re.search(r"\bErrors:|\berrors: see `", method.__doc__ or "")
    ]
    assert silent == []


def _sent_by(kind: type[Any], method: Method) -> Sequence[Op[Any]]:
    module = importlib.import_module(kind.__module__)
    used = re.findall(r"\b([A-Z_]+)\.at\(", inspect.getsource(method))
    return [vars(module)[name] for name in used]
