"""Who hears of an application by mail? Operators when it is their turn, the applicant of each step."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

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
    names = _names(application)
    subject = _("%(who)s applies to the program %(program)s of %(release)s") % names
    mail.send(subject, "programs/sent", operators, {**told, "url": url})
    if not application.said.exists():  # a reply needs no second receipt
        subject = _("Your application to the program %(program)s of %(release)s arrived") % names
        mail.send(subject, "programs/arrived", addresses_of(application.holder), told)


def told(application_id: str) -> None:
    """To the applicant: approved, refused, or asked back, in the operator's words."""
    told = _told(application_id)
    application: Application = told["application"]
    subject = {
        Application.State.APPROVED: _("Approved: the program %(program)s of %(release)s"),
        Application.State.REJECTED: _("Not approved: the program %(program)s of %(release)s"),
    }.get(
        Application.State(application.state),
        _("A question about your application to the program %(program)s of %(release)s"),
    )
    mail.send(subject % _names(application), "programs/told", addresses_of(application.holder), told)


def _names(application: Application) -> dict[str, str]:
    return {"who": str(application.holder), "program": application.program, "release": application.release}


def _told(application_id: str) -> dict[str, Any]:
    related = ("holder__account", "holder__organization", "grant")
    application = Application.objects.select_related(*related).get(pk=application_id)
    words = application.said.order_by("-id").first()
    return {
        "application": application,
        "words": words.words if words else "",
        "url": f"{config.current().url}/my/applications/{application.pk}",
    }
