"""What a fake server keeps for those who manage projects, beside users and forms."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kobo_async.testing.hooks import PROCESSING, Delivery, Hook, HookLog, post_to_loopback
from kobo_async.testing.messages import UnseenError
from kobo_async.testing.organizations import Invitation, Membership
from kobo_async.testing.subscriptions import Subscription
from kobo_async.testing.tasks import Pace, Progress

if TYPE_CHECKING:
    from kobo_async.testing.exports import PrivateFile
    from kobo_async.testing.form import FakeForm
    from kobo_async.testing.imports import Import
    from kobo_async.testing.rowlife import RowLife


class Managing:
    """State and settings of imports, exports, hooks and the like.

    Attributes:
        trash: assets that were deleted; superusers can put them back.
        import_pace, export_pace, transfer_pace: how long imports, exports and transfers to other
            owners take.
        export_error: type and message that every export ends with; None = they succeed.
        export_retry_after: seconds that an anonymous user is told to wait for another export.
        sync_export_busy: seconds to wait that synchronous exports answer with; None = they work.
        ranges: whether a web server in front sends files, which honours `Range`; the recorded
            one had none (observed §6).
        failing_deletes: bulk deletions are written into the history, and then crash without
            having deleted anything (api-facts §3.6).
        private_files: files below `/private-media/`, by path.
        openrosa_url: address that `environment` names for submissions; None = that of the
            request.
        deliver: sends what hooks send and returns status (None = not reached) and text. The
            default posts to loopback addresses, from a thread; one's own is called at once, and
            may raise TimeoutError.
    """

    now: Callable[[], datetime]
    lock: threading.RLock
    new_uid: Callable[[str], str]

    def __init__(self) -> None:
        self.forms: dict[str, FakeForm] = {}
        self.trash: dict[str, FakeForm] = {}
        self.import_pace = Pace()
        self.imports: dict[str, Import] = {}
        self.export_pace = Pace()
        self.export_error: tuple[str, str] | None = None
        self.export_retry_after = 2099
        self.sync_export_busy: int | None = None
        self.sync_exports: dict[tuple[str, str | None, str], tuple[Any, PrivateFile]] = {}
        self.ranges = False
        self.failing_deletes = False
        self.private_files: dict[str, PrivateFile] = {}
        self.openrosa_url: str | None = None
        self.deliver: Callable[[Delivery], tuple[int | None, str]] = post_to_loopback
        self.organizations: dict[str, dict[str, Any]] = {}
        self.snapshots: dict[str, dict[str, Any]] = {}
        self.memberships: dict[str, Membership] = {}
        self.invitations: dict[str, Invitation] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.invites: dict[str, dict[str, Any]] = {}
        self.transfer_pace = Pace()
        self.transfers: dict[str, Progress] = {}
        self.log_exports: dict[str, list[dict[str, Any]]] = {}
        self._senders: list[threading.Thread] = []

    def discard(self, form: FakeForm) -> None:
        """Put an asset into the trash."""
        self.trash[form.uid] = self.forms.pop(form.uid)

    def restore(self, form: FakeForm) -> None:
        """Take an asset out of the trash."""
        self.forms[form.uid] = self.trash.pop(form.uid)

    def submitted(self, form: RowLife, row: dict[str, Any]) -> None:
        """Tell the active hooks of a form about a new submission."""
        for hook in form.hooks.values():
            if hook.active:
                log = HookLog(self.new_uid("hl"), row["_id"], self.now())
                hook.logs.insert(0, log)
                self.send_later(hook, log)

    def send_later(self, hook: Hook, log: HookLog) -> None:
        """Send a submission on without waiting, unless `deliver` is not the default."""
        delivery = self._delivery(hook, log)
        log.status = PROCESSING
        if self.deliver is not post_to_loopback:
            self._send(delivery, log)
            return
        sender = threading.Thread(target=self._send, args=(delivery, log), daemon=True)
        self._senders.append(sender)
        sender.start()

    def send_again(self, hook: Hook, log: HookLog) -> None:
        """Send a submission on and note what the endpoint answers.

        Raises:
            UnseenError: for a submission that was deleted since.
        """
        self._send(self._delivery(hook, log), log)

    def _delivery(self, hook: Hook, log: HookLog) -> Delivery:
        with self.lock:
            if log.submission_id not in hook.form.store:
                raise UnseenError
            return hook.delivery(hook.form.store[log.submission_id])

    def _send(self, delivery: Delivery, log: HookLog) -> None:
        code, timed_out = None, False
        try:
            code, message = self.deliver(delivery)
        except TimeoutError as error:
            message, timed_out = str(error), True
        with self.lock:
            log.note(code, message, self.now(), timed_out=timed_out)

    def retry_hooks(self) -> int:
        """Do what the server does by itself: send again what is due; return how much it was."""
        with self.lock:
            due = [
                (hook, log)
                for form in self.forms.values()
                for hook in form.hooks.values()
                for log in hook.logs
                if log.is_due(self.now()) and log.submission_id in form.store
            ]
        for hook, log in due:
            self.send_later(hook, log)
        return len(due)

    def wait_for_hooks(self, seconds: float = 10.0) -> None:
        """Wait until everything that hooks are sending has been answered."""
        for sender in self._senders:
            sender.join(seconds)
        self._senders.clear()
