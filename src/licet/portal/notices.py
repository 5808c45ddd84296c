"""Who is told by mail? Operators of each request that waits, the asker of its answer. Sent after the commit."""

from __future__ import annotations

from licet.portal import config, mail
from licet.portal.models import Account, Request


def asked(request_id: str) -> None:
    """To every operator: who asks for what, why, and where to answer."""
    request = Request.objects.select_related("holder__account").get(pk=request_id)
    operators = Account.objects.filter(is_operator=True, is_active=True).values_list("email", flat=True)
    subject = f"{request.holder} asks for the tier {request.tier} of {request.release}"
    url = f"{config.current().url}/admin/portal/request/{request.pk}/change/"
    mail.send(subject, "asked", operators, {"request": request, "url": url})


def answered(request_id: str) -> None:
    """To the asker: yes or no, with the operator's words."""
    request = Request.objects.select_related("holder__account").get(pk=request_id)
    account = request.holder.account
    if account is None:
        return
    subject = f"Your request for the tier {request.tier} of {request.release} was {request.state}"
    mail.send(subject, "answered", [account.email], {"request": request, "url": f"{config.current().url}/my/tier/"})
