"""A KoboToolbox server for tests: `FakeKobo` in process, `serve` on a real socket.

It answers what a real KPI server answers, unhelpful answers included, and fails on demand::

    fake = FakeKobo()
    form = fake.add_form("Household survey", rows=250)
    fake.faults.add(Fault.status(502, times=2))
    transport = httpx.ASGITransport(fake)

Names are loaded when they are first asked for: the plugin for pytest costs nothing unused.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from kobo_async.testing.faults import Fault as Fault
    from kobo_async.testing.faults import Faults as Faults
    from kobo_async.testing.form import FakeForm as FakeForm
    from kobo_async.testing.hooks import Delivery as Delivery
    from kobo_async.testing.media import Medium as Medium
    from kobo_async.testing.messages import RequestInfo as RequestInfo
    from kobo_async.testing.messages import Seen as Seen
    from kobo_async.testing.permissions import ANONYMOUS as ANONYMOUS
    from kobo_async.testing.server import FakeKobo as FakeKobo
    from kobo_async.testing.sockets import serve as serve
    from kobo_async.testing.tasks import Pace as Pace
    from kobo_async.testing.users import User as User

__all__ = [
    "ANONYMOUS",
    "Delivery",
    "FakeForm",
    "FakeKobo",
    "Fault",
    "Faults",
    "Medium",
    "Pace",
    "RequestInfo",
    "Seen",
    "User",
    "serve",
]

_LATER: typing.Final = {
    "Fault": "faults",
    "Faults": "faults",
    "FakeForm": "form",
    "Delivery": "hooks",
    "Medium": "media",
    "RequestInfo": "messages",
    "Seen": "messages",
    "ANONYMOUS": "permissions",
    "FakeKobo": "server",
    "serve": "sockets",
    "Pace": "tasks",
    "User": "users",
}


def __getattr__(name: str) -> typing.Any:
    if name not in _LATER:
        raise AttributeError(f"module 'kobo_async.testing' has no attribute {name!r}")
    return getattr(importlib.import_module(f"kobo_async.testing.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
