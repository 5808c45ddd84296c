"""What may I, and how do I get more? The tier held, each feature with its verdict, every tier with the way to it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from licet.access.spend import nanos
from licet.access.table import facts_of
from licet.errors import LicetError
from licet.portal import clock, documents, ledger_reading, origin, tiers
from licet.portal.config import current
from licet.portal.directory import SqliteDirectory
from licet.portal.models import GrantRow, Held, Holder, Request
from licet.portal.my.forms import RequestForm
from licet.portal.my.usage import Metered, metered
from licet.portal.payments import orders, providers
from licet.portal.payments.desk import shown as paying
from licet.portal.payments.desk.buyer import Buyer
from licet.portal.payments.desk.shown import Bought
from licet.portal.payments.models import Subscription
from licet.release.policy import SPEND, past, served
from licet.release.release import Feature, Release, Tier
from licet.terms import CLOCK, METER, Ask, may
from licet.terms.clause import Scalar
from licet.terms.fact import bind
from licet.terms.plain import Spoken, say


@dataclass(frozen=True, slots=True)
class Allowed:
    """One feature: may this holder call it now? `answer` is "yes", "no" or "depends" (on what the key declares).

    `accept` is the component whose license waits to be accepted; "" where none does.
    """

    feature: Feature
    answer: str
    spoken: Spoken
    accept: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One tier of the newest document, and how this holder comes to it: "held", "pending", "take", "request", "buy",
    "change" (what was bought already), "stop" (buy nothing more), or "pay" (nothing is sold here: the operator gives it).
    """

    tier: Tier
    way: str
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    release: Release
    held: Held
    allowed: tuple[Allowed, ...]
    meters: tuple[Metered, ...]
    choices: tuple[Choice, ...]
    requests: tuple[Request, ...]
    grants: tuple[GrantRow, ...]
    newer: bool  # the tier is held at a document that has a successor
    bought: tuple[Bought, ...] = ()  # what lives of what was bought


@login_required
@require_safe
def tier(request: HttpRequest) -> HttpResponse:
    """`?tier=NAME` (as offers link to it) opens the form for that tier."""
    holder = origin.holder(request)
    shown = [_shown(holder, held) for name in documents.releases() if (held := tiers.current(holder, name))]
    context = {"shown": shown, "form": RequestForm(), "wanted": request.GET.get("tier", ""), "holder": holder,
               "buyer": Buyer(holder, origin.by(request), True), "news": paying.news(holder)}  # fmt: skip
    return render(request, "portal/tier.html", context)


@login_required
@require_POST
def request(request: HttpRequest) -> HttpResponse:
    """Ask for the tier in the form; a reason is needed."""
    holder, form = origin.holder(request), RequestForm(request.POST)
    release, wanted = _named(request)
    if not form.is_valid():
        shown = [_shown(holder, held) for name in documents.releases() if (held := tiers.current(holder, name))]
        context = {"shown": shown, "form": form, "wanted": wanted, "holder": holder}
        return render(request, "portal/tier.html", context, status=422)
    try:
        tiers.request(holder, release, wanted, form.cleaned_data["reason"], origin.by(request))
    except LicetError as wrong:
        messages.error(request, str(wrong))
    else:
        messages.success(request, _("Asked. The answer comes by e-mail, and stands here."))
    return redirect("tier")


@login_required
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Move to a tier that is open to all: without approval and without a price."""
    release, wanted = _named(request)
    found = documents.in_force(release).tier(wanted)
    if found is None or found.requires_approval or found.price is not None:
        raise Http404
    if (row := orders.living(origin.holder(request), release)) is not None:  # else it would go on being charged
        return redirect("payments_cancel", number=row.pk)
    tiers.give(origin.holder(request), release, wanted, origin.by(request), why="chosen by its holder")
    messages.success(request, _("You have the tier %(tier)s now.") % {"tier": wanted})
    return redirect("tier")


@login_required
@require_POST
def withdraw(request: HttpRequest, request_id: str) -> HttpResponse:
    mine = get_object_or_404(Request, pk=request_id, holder=origin.holder(request))
    try:
        tiers.withdraw(mine, origin.by(request))
    except LicetError as wrong:
        messages.error(request, str(wrong))
    return redirect("tier")


def _named(request: HttpRequest) -> tuple[str, str]:
    release = request.POST.get("release") or documents.main()
    if release not in documents.releases():
        raise Http404
    return release, request.POST.get("tier", "")


def _shown(holder: Holder, held: Held) -> Shown:
    newest = documents.in_force(held.release)
    asked = tuple(Request.objects.filter(holder=holder, release=held.release).order_by("-made_s"))
    now = clock.now_s()
    grants = GrantRow.objects.filter(holder=holder, release=held.release, revoked_s=None).order_by("-made_s")
    return Shown(
        release=newest,
        held=held,
        allowed=allowed(holder, held, newest),
        meters=metered(holder, held),
        choices=choices(newest, held, asked),
        requests=asked,
        grants=tuple(g for g in grants if g.until_s is None or g.until_s >= now),
        newer=newest.sha256 != held.document,
        bought=tuple(one for one in paying.bought(holder, held.release) if one.living),
    )


def choices(newest: Release, held: Held, asked: Iterable[Request]) -> tuple[Choice, ...]:
    """Every tier on offer, and how a holder who holds this one and asked for those comes to it."""
    pending = {r.tier: r for r in asked if r.state == Request.State.PENDING}
    row, sold = orders.living(held.holder, held.release), providers.selling() is not None
    open_to = {t.name for t in newest.tiers if tiers.approved(held.holder, held.release, t.name)}
    return tuple(Choice(t, _way(t, held, pending, row, sold, open_to), pending.get(t.name)) for t in newest.tiers)


def _way(
    tier: Tier, held: Held, pending: dict[str, Request], row: Subscription | None, sold: bool, approved: set[str]
) -> str:
    if tier.name == held.tier:
        return "held"
    if tier.name in pending:
        return "pending"
    if tier.requires_approval and not (tier.price is not None and sold and tier.name in approved):
        return "request"
    if tier.price is None:
        return "take" if row is None else "stop"
    if not sold or (row is not None and row.interval == "once"):
        return "pay"
    return "buy" if row is None else "change"


def allowed(holder: Holder, held: Held, newest: Release) -> tuple[Allowed, ...]:
    """The gate's own question for each feature, asked with the same standing, policy and counters as a call."""
    with closing(SqliteDirectory(current().portal_file, clock.now_s)) as directory:
        standing = directory.standing(holder.pk, held.release)
    if standing is None:
        return ()
    release = documents.read(standing.document)
    known: dict[str, Scalar] = {f"declared:{name}": True for name in release.declare} | facts_of(standing, None)
    used = {METER + c.meter: c.used + c.held for c in ledger_reading.counters(holder.pk, held.release)}
    found: list[Allowed] = []
    for feature in release.features:
        grants = [g.policy for g in standing.grants]
        policy = served(release, feature.name, grants=grants, newest=release.sha256 == newest.sha256,
                        cap_nanos=standing.cap_in(release.currency))  # fmt: skip
        counts = {m: used.get(m, 0) + (feature.cost_units if _of_units(m) else 1) for m in _meters(release)}
        counts[METER + SPEND] = used.get(METER + SPEND, 0) + _cost_nanos(release, standing.tier, feature, counts)
        facts = {**known, **counts, CLOCK: clock.now_s()}
        ask = Ask(feature.name, feature.serves[0] if feature.serves else "", standing.claims, facts)
        verdict = may(policy, bind(policy, ask))
        spoken = say(verdict, action=feature.name, component=ask.component, tier=standing.tier)
        waits = feature.download or "" if verdict.code == "license_not_accepted" else ""
        found.append(Allowed(feature, verdict.answer.name.lower(), spoken, waits))
    return tuple(found)


def _cost_nanos(release: Release, tier: str, feature: Feature, counts: dict[str, int]) -> int:
    """What one more call costs that is past these quotas; what it will say in tokens nobody knows."""
    amounts, level = {"calls": 1, "units": feature.cost_units}, release.tier(tier)
    prices = past(level, level.quotas) if level else ()
    return sum(
        nanos(price, amounts.get(q.meter, 0)) for q, price in prices if counts[METER + q.counter] > q.limit
    )  # fmt: skip


def _of_units(fact: str) -> bool:
    return fact.removeprefix(METER).partition("/")[0] == "units"


def _meters(release: Release) -> set[str]:
    quotas = [q for tier in release.tiers for q in tier.quotas] + [
        *(release.anonymous.quotas if release.anonymous else ())
    ]
    return {METER + q.counter for q in quotas}
