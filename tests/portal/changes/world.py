"""A release whose terms change: its folder, its holders, the mails they get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.portal.conftest import LICET, Hands

from licet.portal.config import PortalConfig

STRICTER = LICET.replace(b"10 calls / month", b"5 calls / month")
LOOSER = LICET.replace(b"10 calls / month", b"20 calls / month")
PLEDGED = LICET.replace(b"[release]", b"[release]\npledge = true")
DAY_S = 86_400


def holder(name: str = "ada", tier: str = "") -> Any:
    from licet.portal import accounts, events, tiers

    made = accounts.create(f"{name}@example.org", "correct horse battery", events.COMMAND)
    if tier:
        tiers.give(made, "sana", tier, events.COMMAND)
    return made


def publish(folder: Path, body: bytes, **more: Any) -> Any:
    """As the command does: plan, publish, send. The notice, None where nobody is told."""
    from licet.portal import events
    from licet.portal.changes import mails, publishing

    (folder / "licet.toml").write_bytes(body)
    planned = publishing.plan(folder, from_s=more.pop("from_s", None))
    given = publishing.publish(planned, events.COMMAND, **more)
    mails.send_due()
    return given


def mails(config: PortalConfig, to: str = "") -> list[Any]:
    from licet.portal import mailbox

    return [mail for mail in mailbox.read(config.mail_dir) if to in mail.to]


def in_days(hands: Hands, days: int) -> int:
    return hands.at_s + days * DAY_S
