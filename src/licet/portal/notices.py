"""Who is told by mail? Operators of each request that waits, the asker of its answer. Sent after the commit."""

from __future__ import annotations

from django.utils.translation import gettext as _

from licet.portal import config, mail
from licet.portal.models import Account, Holder, Request


def asked(request_id: str) -> None:
    """To every operator: who asks for what, why, and where to answer."""
    request = Request.objects.select_related("holder__account").get(pk=request_id)
    operators = Account.objects.filter(is_operator=True, is_active=True).values_list("email", flat=True)
    subject = _("%(who)s asks for the tier %(tier)s of %(release)s") % _names(request)
    url = f"{config.current().url}/admin/portal/request/{request.pk}/change/"
    mail.send(subject, "asked", operators, {"request": request, "url": url})


def answered(request_id: str) -> None:
    """To the asker: yes or no, with the operator's words."""
    from licet.portal import tiers

    request = Request.objects.select_related("holder__account").get(pk=request_id)
    to = of(request.holder)
    approved = _("Your request for the tier %(tier)s of %(release)s was approved")
    subject = (
        approved if request.state == "approved" else _("Your request for the tier %(tier)s of %(release)s was rejected")
    )
    subject %= _names(request)
    buys = request.state == Request.State.APPROVED and tiers.sold(request.release, request.tier) and not _has(request)
    url = f"{config.current().url}{_page(request.holder)}"
    mail.send(subject, "answered", to, {"request": request, "url": url, "buys": buys})


def of(holder: Holder) -> list[str]:
    """The addresses to write to: an account's own, or those of an organization's members who may `manage:tier`."""
    if holder.account is not None:
        return [holder.account.email]
    from licet.portal.organizations.people import who_may

    return [person.account.email for person in who_may(holder, "manage:tier") if person.account is not None]


def _names(request: Request) -> dict[str, str]:
    return {"who": str(request.holder), "tier": request.tier, "release": request.release}


def _has(request: Request) -> bool:
    from licet.portal import tiers

    held = tiers.current(request.holder, request.release)
    return held is not None and held.tier == request.tier


def _page(holder: Holder) -> str:
    return "/my/tier" if holder.account is not None else f"/my/organizations/{holder.pk}/tier"
