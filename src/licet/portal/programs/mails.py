"""Who hears of an application by mail? Operators when it is their turn, the applicant of each step."""

from __future__ import annotations

from typing import Any

from licet.portal import config, mail
from licet.portal.models import Account
from licet.portal.notices import of as addresses_of
from licet.portal.programs.models import Application


def sent(application_id: str) -> None:
    """To every operator, with the day it is due; and to the applicant, that it arrived."""
    told = _told(application_id)
    application: Application = told["application"]
    operators = Account.objects.filter(is_operator=True, is_active=True).values_list("email", flat=True)
    url = f"{config.current().url}/admin/programs/application/{application.pk}/change/"
    about = f"the program {application.program} of {application.release}"
    mail.send(f"{application.holder} applies to {about}", "programs/sent", operators, {**told, "url": url})
    if not application.said.exists():  # a reply needs no second receipt
        mail.send(f"Your application to {about} arrived", "programs/arrived", addresses_of(application.holder), told)


def told(application_id: str) -> None:
    """To the applicant: approved, refused, or asked back, in the operator's words."""
    told = _told(application_id)
    application: Application = told["application"]
    about = f"the program {application.program} of {application.release}"
    subject = {
        Application.State.APPROVED: f"Approved: {about}",
        Application.State.REJECTED: f"Not approved: {about}",
    }.get(Application.State(application.state), f"A question about your application to {about}")
    mail.send(subject, "programs/told", addresses_of(application.holder), told)


def _told(application_id: str) -> dict[str, Any]:
    related = ("holder__account", "holder__organization", "grant")
    application = Application.objects.select_related(*related).get(pk=application_id)
    words = application.said.order_by("-id").first()
    return {
        "application": application,
        "words": words.words if words else "",
        "url": f"{config.current().url}/my/applications/{application.pk}",
    }
