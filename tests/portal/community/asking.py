"""People who ask: browsers of the test, with and without accounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.portal.test_pages_of_mine import client

from licet.portal.config import PortalConfig

if TYPE_CHECKING:
    from licet.portal.community.models import Question

CITE = "CC-BY-NC-4.0 §2(a)(1)(A)"


def nobody(*, csrf: bool = False) -> Any:
    from django.test import Client

    return Client(headers={"host": "localhost"}, enforce_csrf_checks=csrf)


def operator(address: str = "op@example.org") -> Any:
    from licet.portal import accounts, events

    accounts.create(address, "correct horse battery", events.COMMAND, operator=True)
    return client(address)


def mails(config: PortalConfig, to: str = "") -> list[Any]:
    from licet.portal import mailbox

    return [mail for mail in mailbox.read(config.mail_dir) if to in mail.to]


def by_code(config: PortalConfig, address: str) -> Any:
    """A browser whose person typed the code that was mailed to the address."""
    browser = nobody()
    assert browser.post("/questions/enter", {"email": address}).status_code == 302
    code = re.search(r"^([A-Z0-9]{4}-[A-Z0-9]{4})$", mails(config, address)[-1].body, re.M)
    assert code
    assert browser.post("/questions/code", {"code": code[1].lower()}).status_code == 302
    return browser


def ask(
    browser: Any, title: str = "May I sell pictures?", body: str = "I *make* them with the weights.", **more: str
) -> Question:
    from licet.portal.community.models import Question

    found = browser.post("/questions/ask", {"title": title, "body": body, **more})
    assert found.status_code == 302, found.content.decode()[:2000]
    return Question.objects.get(pk=found["Location"].rsplit("/", 1)[1])


def answered(
    licensor: Any, question: Question, body: str = "Yes: pictures are **yours**.", cite: str = CITE
) -> Question:
    """The licensor answers, accepts the answer, and pins it."""
    assert licensor.post(f"/questions/{question.pk}/answer", {"body": body}).status_code == 302
    made = question.answers.filter(by_licensor=True).latest("pk")
    told = {"state": "answered", "accept": made.pk, "cite": cite, "reason": ""}
    found = licensor.post(f"/questions/{question.pk}/settle", told)
    assert found.status_code == 302, found.content.decode()[:3000]
    question.refresh_from_db()
    return question
