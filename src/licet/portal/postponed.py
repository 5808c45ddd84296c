"""Which mails could the mail server not take yet? They wait as files, one for each address, and are tried again for days.

So a notice may be noted as told before it is sent: a server that is down makes it late, never lost. Nothing of it is in
the database, because a mail that waits must not be undone with what else a transaction does.
"""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from licet.portal import clock, config

log = logging.getLogger("licet.mail")
EVERY_S = 60
GIVEN_UP_S = 5 * 86_400  # as mail servers do among themselves


@dataclass(frozen=True, slots=True)
class Waiting:
    """One mail to one address. `id` is its Message-ID's, the same at each attempt; `tried_s` is the last of them."""

    id: str
    to: str
    subject: str
    body: str
    since_s: int
    tried_s: int
    attached: tuple[str, str] | None = None  # name, and the bytes in base64

    @property
    def due_s(self) -> int:
        """After ever longer pauses: half as long again as it has waited."""
        return self.tried_s + max(EVERY_S, (self.tried_s - self.since_s) // 2)

    @property
    def file(self) -> tuple[str, bytes] | None:
        return (self.attached[0], base64.b64decode(self.attached[1])) if self.attached else None


def keep(id: str, to: str, subject: str, body: str, attached: tuple[str, bytes] | None) -> None:
    """Have it tried again. OSError where it cannot be written either."""
    file = (attached[0], base64.b64encode(attached[1]).decode()) if attached else None
    now_s = clock.now_s()
    _write(Waiting(id, to, subject, body, now_s, now_s, file))


def all_of(folder: Path) -> Iterator[Waiting]:
    """Those that wait below a mail folder, the oldest first."""
    for path in sorted((folder / "later").glob("*.json")):
        told = json.loads(path.read_bytes())
        yield Waiting(**{**told, "attached": tuple(told["attached"]) if told["attached"] else None})


def send_due() -> int:
    """Try those whose time has come; how many went. A server that does not answer at all is asked once, not once a mail."""
    from licet.portal import mail

    went, now_s = 0, clock.now_s()
    for one in all_of(config.current().mail_dir):
        if one.since_s + GIVEN_UP_S <= now_s:
            log.error("a mail is given up after days: %s (%s)", one.subject, one.id)
            _path(one).unlink(missing_ok=True)
        elif one.due_s <= now_s:
            answer = mail.post(one.id, one.to, one.subject, one.body, one.file)
            if answer in (mail.Answer.TAKEN, mail.Answer.REFUSED):
                went += answer is mail.Answer.TAKEN
                _path(one).unlink(missing_ok=True)
            else:
                _write(replace(one, tried_s=now_s))
            if answer is mail.Answer.SILENT:
                break
    return went


def forget(folder: Path, address: str) -> int:
    """Remove what waits for an address; how many."""
    gone = [one for one in all_of(folder) if one.to == address]
    for one in gone:
        (folder / "later" / f"{one.id}.json").unlink(missing_ok=True)
    return len(gone)


def _path(one: Waiting) -> Path:
    return config.current().mail_dir / "later" / f"{one.id}.json"


def _write(one: Waiting) -> None:
    """Whole or not at all, 0600: whoever looks meanwhile finds the one before."""
    path = _path(one)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(one), file)
    part.replace(path)
