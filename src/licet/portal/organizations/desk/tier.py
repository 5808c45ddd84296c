"""What does the organization hold, how much did it use, what did it accept, and what happened? And how it gets more."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licet.errors import LicetError
from licet.portal import acceptances, documents, ledger_reading, tiers
from licet.portal.models import Acceptance, Event, GrantRow, Held, Holder, LicenseText, Request
from licet.portal.my.events import line
from licet.portal.my.forms import AcceptForm, RequestForm
from licet.portal.my.tier import Choice, choices
from licet.portal.my.usage import Metered, metered
from licet.portal.organizations import seats
from licet.portal.organizations.acting import Refused
from licet.portal.organizations.desk.enter import Desk, page
from licet.portal.payments import orders
from licet.portal.payments.desk import shown as paying
from licet.portal.payments.desk.buyer import Buyer
from licet.portal.payments.desk.shown import Bought
from licet.release.release import Release
from licet.terms import Answer


@dataclass(frozen=True, slots=True)
class Shown:
    """One release: the tier held, the ways to others, and what stands beside it."""

    release: Release
    held: Held
    choices: tuple[Choice, ...]
    grants: tuple[GrantRow, ...]
    requests: tuple[Request, ...]
    bought: tuple[Bought, ...] = ()


@require_safe
@page("read:tier")
def tier(request: HttpRequest, desk: Desk) -> HttpResponse:
    holder = desk.organization.holder
    told = [_shown(desk, held) for name in documents.releases() if (held := tiers.current(holder, name))]
    promised = Acceptance.objects.filter(holder=holder).order_by("-at_s")
    context = {"desk": desk, "shown": told, "form": RequestForm(), "promised": promised,
               "asked": acceptances.asked_for(holder), "news": paying.news(holder),
               "buyer": Buyer(holder, desk.actor.by, desk.may["manage_tier"], desk)}  # fmt: skip
    return render(request, "organizations/tier.html", context)


@require_POST
@page("manage:tier", back="organization_tier")
def ask(request: HttpRequest, desk: Desk) -> HttpResponse:
    release, wanted = _named(request)
    tiers.request(desk.organization.holder, release, wanted, request.POST.get("reason", ""), desk.actor.by)
    messages.success(request, _("Asked. The answer comes by e-mail to those who manage the tier, and stands here."))
    return redirect("organization_tier", org_id=desk.organization.pk)


@require_POST
@page("manage:tier", back="organization_tier")
def take(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Move to a tier that is open to all, if its seats hold the members there are."""
    release, wanted = _named(request)
    document = documents.in_force(release)
    found = document.tier(wanted)
    if found is None or found.requires_approval or found.price is not None:
        raise Http404
    verdict = seats.asked(seats.taken(desk.organization), (seats.of_tier(document, found),))
    if verdict is not None and verdict.answer is not Answer.YES:
        raise Refused(seats.TAKE, verdict)
    if (row := orders.living(desk.organization.holder, release)) is not None:  # else it would go on being charged
        return redirect(f"{reverse('payments_cancel', args=[row.pk])}?for={desk.organization.pk}")
    tiers.give(desk.organization.holder, release, wanted, desk.actor.by, why="chosen by the organization")
    messages.success(request, _("The organization has the tier %(tier)s now.") % {"tier": wanted})
    return redirect("organization_tier", org_id=desk.organization.pk)


@require_POST
@page("manage:tier", back="organization_tier")
def withdraw(request: HttpRequest, desk: Desk, request_id: str) -> HttpResponse:
    tiers.withdraw(get_object_or_404(Request, pk=request_id, holder=desk.organization.holder), desk.actor.by)
    return redirect("organization_tier", org_id=desk.organization.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page("accept:licenses", back="organization_tier")
def accept(request: HttpRequest, desk: Desk, release: str, component: str) -> HttpResponse:
    """The exact text; POST keeps the promise in the organization's name."""
    holder = desk.organization.holder
    part = documents.in_force(release).component(component) if release in documents.releases() else None
    if part is None or not part.accept:
        raise Http404
    text = acceptances.text(release, component, holder)
    form = AcceptForm(
        request.POST if request.method == "POST" else None, initial={"sha256": text.sha256 if text else ""},
        ask=part.ask, organization=desk.organization.name,
    )  # fmt: skip
    if request.method == "POST" and text is not None and form.is_valid():
        try:
            acceptances.accept(
                holder, release, text.license, form.cleaned_data["sha256"], desk.actor.by, how="page", words=form.words,
                authority=form.cleaned_data["authority"], answers=form.answers(),
                agent=request.headers.get("User-Agent", ""),
            )  # fmt: skip
        except LicetError as wrong:
            form.add_error(None, str(wrong))
        else:
            messages.success(
                request, _("%(license)s is accepted in the organization's name.") % {"license": text.license}
            )
            return redirect("organization_tier", org_id=desk.organization.pk)
    context = {"desk": desk, "text": text, "body": _body(text), "form": form, "component": component,
               "summary": acceptances.summary(text).splitlines() if text else []}  # fmt: skip
    return render(request, "organizations/accept.html", context, status=422 if form.errors else 200)


@require_safe
@page("read:usage")
def usage(request: HttpRequest, desk: Desk) -> HttpResponse:
    holder, used = desk.organization.holder, []
    for name in documents.releases():
        if held := tiers.current(holder, name):
            meters: tuple[Metered, ...] = metered(holder, held)
            used.append((held, meters, ledger_reading.last(holder.pk, name, 50)))
    return render(request, "organizations/usage.html", {"desk": desk, "used": used})


@require_safe
@page("read:events")
def events(request: HttpRequest, desk: Desk) -> HttpResponse:
    holder = desk.organization.holder
    found = Paginator(Event.objects.filter(holder=holder), 50).get_page(request.GET.get("page"))
    lines = [line(event, desk.membership.person or holder) for event in found.object_list]
    names = {one.pk: str(one) for one in Holder.objects.filter(pk__in={one.event.by for one in lines})}
    who = [(one, names.get(one.event.by, "")) for one in lines]
    return render(request, "organizations/events.html", {"desk": desk, "lines": who, "page": found})


def _shown(desk: Desk, held: Held) -> Shown:
    newest, holder = documents.in_force(held.release), desk.organization.holder
    asked = tuple(Request.objects.filter(holder=holder, release=held.release).order_by("-made_s"))
    grants = GrantRow.objects.filter(holder=holder, release=held.release, revoked_s=None).order_by("-made_s")
    bought = tuple(one for one in paying.bought(holder, held.release) if one.living)
    return Shown(newest, held, choices(newest, held, asked), tuple(grants), asked, bought)


def _named(request: HttpRequest) -> tuple[str, str]:
    release = request.POST.get("release") or documents.main()
    if release not in documents.releases():
        raise Http404
    return release, request.POST.get("tier", "")


def _body(text: LicenseText | None) -> str:
    return bytes(text.body).decode("utf-8", "replace") if text else ""
