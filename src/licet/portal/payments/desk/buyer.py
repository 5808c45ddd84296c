"""For whom does somebody buy? For himself, or for an organization in which his role lets him manage the tier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from licet.access.role import asked
from licet.errors import LicetError
from licet.portal import origin
from licet.portal.events import By
from licet.portal.models import Holder
from licet.portal.organizations.desk import enter as door
from licet.portal.organizations.desk.enter import Desk
from licet.portal.payments.port import Unreachable
from licet.terms import Answer

READ, MANAGE = "read:tier", "manage:tier"


@dataclass(frozen=True, slots=True)
class Buyer:
    """`desk` is None for somebody who buys for himself; `manages` says whether he may change anything."""

    holder: Holder
    by: By
    manages: bool
    desk: Desk | None = None

    @property
    def tail(self) -> str:
        """What an address of ours needs behind it, so that it speaks of this holder: `?for=…` or nothing."""
        return f"?{urlencode({'for': self.holder.pk})}" if self.desk else ""

    @property
    def home(self) -> str:
        return reverse("payments") + self.tail

    @property
    def tier_page(self) -> str:
        return reverse("organization_tier", args=[self.holder.pk]) if self.desk else reverse("tier")


View = Callable[..., HttpResponse]


def page(act: str) -> Callable[[View], View]:
    """A page for whoever may `act` for the holder it speaks of; for oneself everything. What fails is told on it."""

    def wrap(view: View) -> View:
        @login_required
        @never_cache
        @wraps(view)
        def inner(request: HttpRequest, **more: Any) -> HttpResponse:
            whose = request.POST.get("for") or request.GET.get("for") or ""
            own = origin.holder(request)
            if not whose or whose == own.pk:
                buyer = Buyer(own, origin.by(request), True)
            else:
                desk = door.enter(request, whose)
                if (verdict := asked(desk.terms, act)).answer is not Answer.YES:
                    return door.refused(request, desk, act, verdict)
                manages = asked(desk.terms, MANAGE).answer is Answer.YES
                buyer = Buyer(desk.organization.holder, desk.actor.by, manages, desk)
            try:
                return view(request, buyer, **more)
            except Unreachable:
                messages.error(
                    request, _("The payment provider does not answer just now. Please try again in a moment.")
                )
                return redirect(buyer.home)
            except LicetError as wrong:
                messages.error(request, str(wrong))
                return redirect(buyer.home)

        return inner

    return wrap
