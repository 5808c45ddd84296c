"""Which mails could the mail server not take yet? They wait as files, one for each address, and are tried again for days.

So a notice may be noted as told before it is sent: a server that is down makes it late, never lost. Nothing of it is in
the database, because a mail that waits must not be undone with what else a transaction does.
"""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from licet.portal import clock, config

log = logging.getLogger("licet.mail")
EVERY_S = 60
ROUND_S = 5  # then the other chores have their turn
GIVEN_UP_S = 5 * 86_400  # as mail servers do among themselves


@dataclass(frozen=True, slots=True)
class Waiting:
    """One mail to one address. `id` is its Message-ID's, the same at each attempt; `tried_s` is the last of them.

    After `until_s` it is of no use to anybody (a code), and is not sent. `about` are ids, between spaces, of what the
    mail tells of, so that words that are taken back are not sent afterwards.
    """

    id: str
    to: str
    subject: str
    body: str
    since_s: int
    tried_s: int
    attached: tuple[str, str] | None = None  # name, and the bytes in base64
    headers: dict[str, str] = field(default_factory=dict)
    until_s: int | None = None
    about: str = ""

    @property
    def due_s(self) -> int:
        """After ever longer pauses: half as long again as it has waited."""
        return self.tried_s + max(EVERY_S, (self.tried_s - self.since_s) // 2)

    @property
    def over_s(self) -> int:
        """From when on it is not tried any more."""
        last_s = self.since_s + GIVEN_UP_S
        return last_s if self.until_s is None else min(last_s, self.until_s)

    @property
    def file(self) -> tuple[str, bytes] | None:
        return (self.attached[0], base64.b64decode(self.attached[1])) if self.attached else None


def written(
    to: str,
    subject: str,
    body: str,
    *,
    attached: tuple[str, bytes] | None = None,
    headers: dict[str, str] | None = None,
    until_s: int | None = None,
    about: str = "",
) -> Waiting:
    """A mail that nobody has tried to send, due at once."""
    file = (attached[0], base64.b64encode(attached[1]).decode()) if attached else None
    now_s = clock.now_s()
    subject = " ".join(subject.split())
    return Waiting(clock.new_id("mail"), to, subject, body, now_s, now_s - EVERY_S, file, headers or {}, until_s, about)


def keep(one: Waiting) -> None:
    """Have it tried when it is due. OSError where it cannot be written."""
    _write(one)


def waits(one: Waiting) -> bool:
    """Is it kept, to be tried again?"""
    return _path(one).exists()


def all_of(folder: Path) -> Iterator[Waiting]:
    """Those that wait below a mail folder, the oldest first."""
    for path in sorted((folder / "later").glob("*.json")):
        try:
            told = json.loads(path.read_bytes())
        except FileNotFoundError:  # sent or forgotten meanwhile
            continue
        yield Waiting(**{**told, "attached": tuple(told["attached"]) if told["attached"] else None})


def send_due() -> int:
    """Try those whose time has come, for `ROUND_S` at the most; how many went. A server that does not answer at all is
    asked once, not once a mail.
    """
    from licet.portal import mail

    went, now_s = 0, clock.now_s()
    for one in all_of(config.current().mail_dir):
        if one.over_s <= now_s:  # by its id alone: a subject may be a code, or the title of a private question
            log.error("a mail is given up: %s", one.id)
            _path(one).unlink(missing_ok=True)
        elif one.due_s <= now_s:
            answer = mail.post(one)
            if answer in (mail.Answer.TAKEN, mail.Answer.REFUSED):
                went += answer is mail.Answer.TAKEN
                _path(one).unlink(missing_ok=True)
            elif _path(one).exists():  # else it was forgotten meanwhile
                _write(replace(one, tried_s=now_s))
            if answer is mail.Answer.SILENT or clock.now_s() >= now_s + ROUND_S:
                break
    return went


def forget(folder: Path, address: str = "", about: Collection[str] = ()) -> int:
    """Remove what waits for an address, or tells of one of these ids, or both where both are named; how many."""
    gone = [
        one
        for one in all_of(folder)
        if (address or about) and address in ("", one.to) and (not about or not {*about}.isdisjoint(one.about.split()))
    ]
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
