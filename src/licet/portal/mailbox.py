"""Which mails wait while there is no SMTP server? `licet mail` asks; no Django is needed to answer."""

from __future__ import annotations

import email
from dataclasses import dataclass
from email.policy import default as policy
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mail:
    """One waiting mail. `at_s` is when it was written."""

    to: str
    subject: str
    body: str
    at_s: int
    path: Path


def forget(folder: Path, address: str) -> int:
    """Remove the mails that wait for an address; how many."""
    gone = [mail.path for mail in read(folder) if mail.to == address]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def read(folder: Path) -> tuple[Mail, ...]:
    """The mails in a folder, oldest first. None there: an empty tuple."""
    found: list[Mail] = []
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=policy)
        part = message.get_body(("plain",))
        body = str(part.get_content()) if part else ""
        found.append(
            Mail(str(message["To"]), str(message["Subject"]), body, int(path.name.split("-")[0]) // 1000, path)
        )
    return tuple(found)
