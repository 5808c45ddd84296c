"""Where does mail go? To an SMTP server where one is set, else into files that `mailbox.read` reads.

A mail that cannot be sent never undoes what it tells of.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from licet.portal import clock

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


def send(
    subject: str,
    template: str,
    to: Iterable[str],
    context: dict[str, Any],
    *,
    attached: tuple[str, bytes] | None = None,
) -> bool:
    """A plain-text mail from `templates/portal/mail/<template>.txt`, to each address apart. Failures are logged; False
    for one.

    `attached` is the name and the bytes of a JSON file.
    """
    from django.template.loader import render_to_string

    body = render_to_string(f"portal/mail/{template}.txt", context)
    sent = True
    for address in to:
        try:
            mail = EmailMessage(" ".join(subject.split()), body, None, [address])
            if attached:
                mail.attach(*attached, "application/json")
            mail.send()
        except OSError:  # smtplib's errors are OSErrors
            log.exception("a mail could not be sent: %s", template)
            sent = False
    return sent
