"""Where does mail go? To an SMTP server where one is set, else into files that `mailbox.read` reads.

A mail that cannot be sent never undoes what it tells of.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from licet.portal import clock, config, postponed

log = logging.getLogger("licet.mail")
AT_ONCE = 20  # more mails than these are left to the server's chore, so that no request waits for them


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
    return deliver([postponed.written(address, subject, body, attached=attached) for address in to])


def deliver(mails: Sequence[postponed.Waiting]) -> bool:
    """Each tried once, and kept where it does not go; many are kept at once, and a server that does not answer is asked
    once, not once a mail. False where one could not be kept either.
    """
    whole, ask = True, len(mails) <= AT_ONCE
    for one in mails:
        answer = post(one) if ask else None
        if answer in (Answer.TAKEN, Answer.REFUSED):
            continue
        ask = ask and answer is not Answer.SILENT
        try:
            postponed.keep(replace(one, tried_s=clock.now_s()) if answer else one)
        except OSError:
            log.exception("a mail could neither be sent nor kept: %s", one.id)
            whole = False
    return whole


def post(one: postponed.Waiting) -> Answer:
    """One attempt. What does not go is logged."""
    host = config.current().host
    mail = EmailMessage(
        one.subject, one.body, None, [one.to], headers={**one.headers, "Message-ID": f"<{one.id}@{host}>"}
    )
    if one.file:
        mail.attach(*one.file, "application/json")
    try:
        return attempt(mail, one.id)
    except ValueError:  # an address that is none: it must not stand before those that wait behind it
        log.exception("a mail could not be written: %s", one.id)
        return Answer.REFUSED


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
    except OSError as wrong:  # smtplib's errors are OSErrors
        log.error("a mail could not be sent (%s): %s", wrong.strerror or type(wrong).__name__, id)
        return Answer.SILENT
    return Answer.TAKEN
