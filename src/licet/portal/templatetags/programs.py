"""How is a program said on a page? What it opens, how much, and its words in the reader's language where they are ours."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from licet.portal import clock
from licet.portal.models import GrantRow
from licet.portal.pages import words
from licet.release.program import PATTERNS
from licet.release.release import Program, Release

register = template.Library()

_OURS = {
    text for p in PATTERNS.values() for text in (p.title, p.about, *p.questions, *p.evidence)
}  # of the patterns: translatable


@register.simple_tag
def told(text: str) -> str:
    """A text of the document as it stands; one of a pattern's in the reader's language."""
    return _(text) if text in _OURS else text


@register.filter
def opens(program: Program, release: Release) -> list[str]:
    """The features by name, in the document's order."""
    return [f.name for f in release.features if f.name in program.features]


@register.filter
def on(program: Program) -> list[str]:
    return sorted(program.components or ())


@register.filter
def quotas(program: Program) -> str:
    return "; ".join(words.quota(quota) for quota in program.quotas) or _("no quota of its own")


@register.filter
def features(grant: GrantRow) -> list[str]:
    """What it opens, as people call it: a feature that downloads says so itself."""
    return [action for action in grant.actions if not action.startswith("download ")] or grant.actions


@register.filter
def in_force(grant: GrantRow) -> bool:
    now = clock.now_s()
    return grant.revoked_s is None and grant.from_s <= now and (grant.until_s is None or grant.until_s >= now)
