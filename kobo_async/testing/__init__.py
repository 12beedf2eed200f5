"""A KoboToolbox server for tests: `FakeKobo` in process, `serve` on a real socket.

It answers what a real KPI server answers, unhelpful answers included, and fails on demand::

    fake = FakeKobo()
    form = fake.add_form("Household survey", rows=250)
    fake.faults.add(Fault.status(502, times=2))
    transport = httpx.ASGITransport(fake)
"""

from kobo_async.testing.faults import Fault, Faults
from kobo_async.testing.form import FakeForm
from kobo_async.testing.hooks import Delivery
from kobo_async.testing.media import Medium
from kobo_async.testing.messages import RequestInfo, Seen
from kobo_async.testing.permissions import ANONYMOUS
from kobo_async.testing.serve import serve
from kobo_async.testing.server import FakeKobo
from kobo_async.testing.tasks import Pace
from kobo_async.testing.users import User

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
