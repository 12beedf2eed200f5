"""When to send a request again, and after how long.

| what happened                       | repeatable request | other request |
|-------------------------------------|--------------------|---------------|
| no connection, 429                  | again              | again (1)     |
| timeout, reset, cut or garbled body | again              | raise         |
| 423, 502, 503, 504                  | again              | raise         |
| 500                                 | a few times (2)    | raise         |
| breaker open                        | patient: again     | raise         |

(1) Nothing was done: 429 is the answer of whoever counts requests, before they are handled.
(2) Reads and submissions alone. Other writes that crash do so again; of submissions one in
thousands does when many arrive at once, and the next attempt stores it (`observed §12`).

A deletion that is repeated because its reply was lost finds nothing any more, and is done.

Waits grow exponentially with full jitter, never below what the server asked for. The last real
error is raised when attempts or deadline are used up. A patient request, part of a long download,
sits out a server that refuses or cannot be reached until the deadline, however many attempts
that takes; a page that takes the server too long (504) is given up earlier, to be asked for in
smaller pieces.
"""

from __future__ import annotations

import math
from typing import Any

from tenacity import AsyncRetrying, RetryCallState
from tenacity.wait import wait_random_exponential

from kobo_async.call import Op
from kobo_async.clock import Clock
from kobo_async.config import RetryPolicy
from kobo_async.errors import (
    ConnectFailed,
    Locked,
    MalformedReply,
    RateLimited,
    ServerBusy,
    ServerError,
    ServerUnavailable,
    TransportError,
    asked_to_wait,
)
from kobo_async.events import Observer, Retrying


def retrying(
    policy: RetryPolicy, op: Op[Any], label: str, *, clock: Clock, notify: Observer
) -> AsyncRetrying:
    """Build the retry loop of one call. Loops must not be shared: they count attempts."""
    started = clock.monotonic()
    backoff = wait_random_exponential(policy.first_wait, policy.longest_wait)

    def wait(state: RetryCallState) -> float:
        return max(backoff(state), asked_to_wait(_error(state)) or 0.0)

    def stop(state: RetryCallState) -> bool:
        late = clock.monotonic() + state.upcoming_sleep - started > policy.deadline
        return late or state.attempt_number >= _attempts(policy, op, _error(state))

    def again(state: RetryCallState) -> bool:
        error = _error(state)
        return worth_repeating(op, error) and (asked_to_wait(error) or 0) <= policy.longest_pause

    def tell(state: RetryCallState) -> None:
        notify(Retrying(label, _error(state), state.attempt_number, state.upcoming_sleep))

    return AsyncRetrying(
        sleep=clock.sleep, wait=wait, stop=stop, retry=again, before_sleep=tell, reraise=True
    )


def worth_repeating(op: Op[Any], error: BaseException) -> bool:
    """Tell whether sending the request again is safe and may help."""
    if isinstance(error, ConnectFailed | RateLimited):
        return True
    if isinstance(error, ServerUnavailable):
        return op.patient
    if not op.repeatable:
        return False
    if isinstance(error, TransportError | MalformedReply | ServerBusy | Locked):
        return True
    crashed = isinstance(error, ServerError) and error.status == 500
    return crashed and (op.method == "GET" or op.site == "openrosa")


def may_be_done(error: BaseException) -> bool:
    """Tell whether the server may have done what was asked, although no good reply came."""
    if isinstance(error, ServerBusy):
        return error.status in {502, 504}
    return isinstance(error, TransportError | MalformedReply) and not isinstance(
        error, ConnectFailed
    )


def _attempts(policy: RetryPolicy, op: Op[Any], error: BaseException) -> float:
    refused = isinstance(error, ConnectFailed | RateLimited | ServerBusy | ServerUnavailable)
    if refused and not _too_slow(error):
        return math.inf if op.patient else policy.attempts
    if isinstance(error, ServerError | MalformedReply) and not refused:
        return min(policy.attempts, policy.attempts_on_fault)
    return policy.attempts


def _too_slow(error: BaseException) -> bool:
    return isinstance(error, ServerBusy) and error.status == 504


def _error(state: RetryCallState) -> Exception:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, Exception) else Exception()
