"""Is there something that this reader should know on every page? Terms to come, a change that is open for comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest

from licet.portal import clock, documents, tiers
from licet.portal.changes import consult, history, pledge, telling
from licet.portal.changes.history import Step
from licet.portal.changes.models import Consultation
from licet.portal.changes.views.history import takes
from licet.portal.models import Account, Held
from licet.portal.pages import source

register = template.Library()


@dataclass(frozen=True, slots=True)
class News:
    """`touched`: the reader holds a tier that loses by what comes. `tier` is "" for who holds none."""

    coming: tuple[Step, ...]
    talk: Consultation | None
    touched: bool
    tier: str
    pledged: bool


@register.simple_tag
def news_of(request: HttpRequest | None, release: Any = None) -> News | None:
    """What to tell on the page of a release (to everybody), or on any page (to whoever holds its terms)."""
    account = getattr(request, "user", None)
    account = account if isinstance(account, Account) else None
    if release is None and account is None:
        return None
    shown = source.newest()
    if shown is None:
        return None
    name, now = shown.release.name, clock.now_s()
    coming, talk = history.upcoming(name, now), consult.open_of(name)
    if not coming and talk is None:
        return None
    held = tiers.current(account.holder, name) if account is not None else None
    if release is None and held is None:
        return None
    hit = _hit(account, name, held, coming)
    theirs = hit or held
    pledged = theirs is not None and documents.read(theirs.document).pledge
    return News(coming, talk, hit is not None, theirs.tier if theirs else "", pledged)


def _hit(account: Account | None, release: str, own: Held | None, coming: tuple[Step, ...]) -> Held | None:
    """The tier that loses by what comes: the reader's own, else one of an organization that he belongs to."""
    if account is None or not coming:
        return None
    theirs = Held.objects.filter(
        holder__organization__memberships__person=account.holder,
        holder__organization__memberships__ended_s=None,
        release=release,
        ended_s=None,
    )
    for held in (*([own] if own else []), *theirs):
        if any(pledge.loses(held.document, held.tier, s.sha256) for s in coming):
            return held
    return None


@register.filter
def step_says(step: Step) -> str:
    return telling.says(step)


@register.filter
def pledges(held: Any) -> bool:
    """Do the terms that this tier is held at pledge that nobody is moved to less?"""
    return held is not None and documents.read(held.document).pledge


@register.filter
def can_take(held: Any) -> bool:
    """May the holder of this tier choose the terms in force?"""
    return held is not None and takes(held.release, held.document, held.tier)
