"""Who stands before a page of an organization, and may he see it? Every page of `desk/` comes in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from licet.access.role import ACTS, asked
from licet.errors import LicetError
from licet.portal import origin
from licet.portal.organizations.acting import Actor, Refused, member
from licet.portal.organizations.models import Membership, Organization
from licet.portal.pages.words import CATALOGUE
from licet.portal.sso import rules
from licet.portal.sso.models import Connection
from licet.terms import Answer, Terms, Verdict
from licet.terms.plain import Spoken, say


@dataclass(frozen=True, slots=True)
class Desk:
    """An organization as one of its members sees it."""

    organization: Organization
    membership: Membership
    actor: Actor
    terms: Terms

    @property
    def lacks(self) -> frozenset[str]:
        """What the organization asks of its members and this session has not done, as codes."""
        return rules.asked_of(self.membership, self.actor.by.signed).lacks

    @property
    def sign_on(self) -> Connection | None:
        """Where this member signs in, if that is what he lacks."""
        return rules.connection_of(self.organization) if "sign_on_required" in self.lacks else None

    @property
    def may(self) -> dict[str, bool]:
        """For templates: `desk.may.manage_members`. What a page leaves out is refused all the same."""
        named = {act.replace(":", "_").replace("-", "_"): act for act in ACTS}
        return {name: asked(self.terms, act).answer is Answer.YES for name, act in named.items()}


View = Callable[..., HttpResponse]


def enter(request: HttpRequest, org_id: str) -> Desk:
    """404 for an organization that is not there, or of which one is no member: both look alike."""
    mine = Membership.objects.filter(organization=org_id, person=origin.holder(request), ended_s=None)
    found = mine.select_related("organization__holder", "organization__sign_in", "role", "person").first()
    if found is None or found.organization.holder.deleted_s is not None:
        raise Http404
    actor = member(found, origin.by(request))
    return Desk(found.organization, found, actor, actor.terms())


def page(act: str = "", back: str = "organization") -> Callable[[View], View]:
    """A page for members whose role allows `act`; another reads why not, with 403.

    An act that fails in the view is told on the page `back`, one that the role forbids is refused like the page.
    """

    def wrap(view: View) -> View:
        @login_required
        @never_cache
        @wraps(view)
        def inner(request: HttpRequest, org_id: str, **more: Any) -> HttpResponse:
            desk = enter(request, org_id)
            if act and (verdict := asked(desk.terms, act)).answer is not Answer.YES:
                return refused(request, desk, act, verdict)
            try:
                return view(request, desk, **more)
            except Refused as no:
                return refused(request, desk, no.act, no.verdict)
            except LicetError as wrong:
                messages.error(request, str(wrong))
                return redirect(reverse(back, args=[org_id]) if back != "organizations" else reverse(back))

        return inner

    return wrap


def refused(request: HttpRequest, desk: Desk, act: str, verdict: Verdict) -> HttpResponse:
    """403, with the reason and the line it stands on."""
    context = {"desk": desk, "act": act, "opens": ACTS.get(act, ""), "spoken": spoken(act, verdict)}
    return render(request, "organizations/refused.html", context, status=403)


def spoken(act: str, verdict: Verdict) -> Spoken:
    return say(verdict, action=act, words=CATALOGUE)
