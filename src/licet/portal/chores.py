"""What does the server do by itself, and how often? One thread, one list; each chore is safe to do twice or late.

No right depends on a chore: standings are timed, so nothing has to lapse anything. Chores heal (what events were lost),
tell (mails), and send (what waits in an outbox). Of several processes on one data folder one does them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib import import_module
from pathlib import Path

from licet.portal.config import current

log = logging.getLogger("licet.chores")


@dataclass(frozen=True, slots=True)
class Chore:
    """`does` is "module:function" without arguments, imported when it is first due; `first_s` after the start."""

    name: str
    does: str
    every_s: int
    first_s: int = 5


CHORES: tuple[Chore, ...] = (
    Chore("payments.reconcile", "licet.portal.payments.chores:reconcile", 6 * 3600, first_s=20),
    Chore("payments.events", "licet.portal.payments.webhook_apply:due", 5, first_s=1),
    Chore("payments.forget", "licet.portal.payments.webhook_apply:forget", 24 * 3600, first_s=60),
    Chore("payments.undo", "licet.portal.payments.chores:undo", 60),
    Chore("billing.look", "licet.portal.billing.chores:look", 20),
    Chore("billing.send", "licet.portal.billing.chores:send", 30),
    Chore("billing.issue", "licet.portal.billing.chores:issue", 3600, first_s=30),
    Chore("webhooks.send", "licet.portal.outgoing.sending:send_due", 2, first_s=3),
    Chore("webhooks.forget", "licet.portal.outgoing.sending:forget", 24 * 3600, first_s=600),
    Chore("grants.remind", "licet.portal.programs.reminders:remind", 24 * 3600, first_s=10),
    Chore("payments.tell", "licet.portal.payments.chores:tell", 30),
    Chore("notices.send", "licet.portal.changes.mails:send_round", 7, first_s=2),
    Chore("mail.later", "licet.portal.postponed:send_due", 10),
)


@contextmanager
def running(chores: tuple[Chore, ...] = CHORES) -> Iterator[None]:
    """Do the chores while the server runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_loop, args=(chores, current().data, stop), name="licet-chores", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


def do(chore: Chore) -> bool:
    """Do one now; False where it failed. Its failure is logged and costs nobody else anything."""
    from django.db import close_old_connections, connection

    close_old_connections()
    try:
        _function(chore.does)()
    except Exception:  # whatever it is: the next run tries again
        log.exception("the chore %s failed", chore.name)
        return False
    finally:
        connection.close()
    return True


def _function(does: str) -> Callable[[], object]:
    module, _, name = does.partition(":")
    found: Callable[[], object] = getattr(import_module(module), name)
    return found


def _loop(chores: tuple[Chore, ...], data: Path, stop: threading.Event) -> None:
    due = {chore: time.monotonic() + chore.first_s for chore in chores}
    with (data / "chores.lock").open("w") as lock:
        while not stop.wait(max(0.05, min(due.values()) - time.monotonic())):
            if not _mine(lock.fileno()):
                stop.wait(10)
                continue
            for chore in chores:
                if time.monotonic() >= due[chore] and not stop.is_set():
                    do(chore)
                    due[chore] = time.monotonic() + chore.every_s


def _mine(lock: int) -> bool:
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except OSError:
        return False
    return True
