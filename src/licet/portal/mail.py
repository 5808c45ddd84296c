"""Where does mail go? To an SMTP server where one is set, else into files that `mailbox.read` reads.

A mail that cannot be sent never undoes what it tells of.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from licet.portal import clock, config, postponed

log = logging.getLogger("licet.mail")


class ToFiles(BaseEmailBackend):
    """One file a mail, 0600, named by its moment."""

    def __init__(self, *, folder: str, **options: Any) -> None:
        super().__init__(**options)
        self._folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{clock.now_ms():013d}-{clock.new_id('mail')}.eml"
            handle = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(message.message().as_bytes())
        return len(email_messages)


class Answer(Enum):
    """What became of one attempt: LATER is a server that answered and may take it another time, SILENT one that did not."""

    TAKEN = "taken"
    REFUSED = "refused for good"
    LATER = "later"
    SILENT = "silent"


def send(
    subject: str,
    template: str,
    to: Iterable[str],
    context: dict[str, Any],
    *,
    attached: tuple[str, bytes] | None = None,
) -> bool:
    """A plain-text mail from `templates/portal/mail/<template>.txt`, to each address apart. What does not go now is kept
    and tried again (`postponed.py`), each address for itself. False only where it could not be kept either.

    `attached` is the name and the bytes of a JSON file.
    """
    from django.template.loader import render_to_string

    body = render_to_string(f"portal/mail/{template}.txt", context)
    subject = " ".join(subject.split())
    whole = True
    for address in to:
        id = clock.new_id("mail")
        if post(id, address, subject, body, attached) in (Answer.LATER, Answer.SILENT):
            try:
                postponed.keep(id, address, subject, body, attached)
            except OSError:
                log.exception("a mail could neither be sent nor kept: %s", template)
                whole = False
    return whole


def post(id: str, to: str, subject: str, body: str, attached: tuple[str, bytes] | None) -> Answer:
    """One attempt for one address. What does not go is logged."""
    mail = EmailMessage(subject, body, None, [to], headers={"Message-ID": f"<{id}@{config.current().host}>"})
    if attached:
        mail.attach(*attached, "application/json")
    return attempt(mail, id)


def attempt(mail: EmailMessage, id: str) -> Answer:
    """Send it, and say what became of it. What does not go is logged, by its id alone."""
    try:
        mail.send()
    except SMTPRecipientsRefused as refused:
        for_good = all(code >= 500 for code, _ in refused.recipients.values())
        log.warning("an address is refused%s: %s", " for good" if for_good else "", id)
        return Answer.REFUSED if for_good else Answer.LATER
    except SMTPResponseException as answered:  # its words may quote the mail
        log.warning("the mail server answered %s: %s", answered.smtp_code, id)
        return Answer.LATER
    except OSError:  # smtplib's errors are OSErrors
        log.exception("a mail could not be sent: %s", id)
        return Answer.SILENT
    return Answer.TAKEN
