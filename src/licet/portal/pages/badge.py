"""May this be used commercially: yes, ask or no? A badge for a README, drawn as SVG from the same verdicts as the page.

`ask` stands for whatever one word cannot tell: it depends on a fact, on the component, or another license can be had
with a tier. The badge is a picture of an answer, so it links nowhere by itself and is never more certain than the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from licet.portal import clock
from licet.portal.pages import source
from licet.portal.pages.asking import ANYONE, Question, answer
from licet.release.release import Component, Release
from licet.terms import Answer

ASKED = "commercial-use"
_COLOURS = {"yes": "#1a6338", "ask": "#7a4d00", "no": "#9b2226", "unknown": "#565c66"}
_WIDE, _NARROW = frozenset("mwMWQO@%"), frozenset("iljtfrI1.,:;'|!()[] ")


@dataclass(frozen=True, slots=True)
class Badge:
    """Two fields: what is asked, and the word of the answer (`yes`, `ask`, `no`, `unknown`)."""

    label: str
    word: str


def of_component(release: Release, component: Component, now_s: int) -> str:
    """`yes`, `ask` or `no` for one published component, asked by anyone who tells nothing."""
    verdict = answer(release, Question(ANYONE, ASKED, component.name), now_s).verdict
    if verdict.answer is Answer.YES:
        return "yes"
    another = any(component.name in tier.licenses for tier in release.tiers)
    return "ask" if verdict.answer is Answer.DEPENDS or another else "no"


def of_release(release: Release, now_s: int) -> str:
    """The word all published components share; `ask` where they differ, `unknown` where nothing is published."""
    words = {of_component(release, c, now_s) for c in release.components if not c.proprietary}
    return "unknown" if not words else words.pop() if len(words) == 1 else "ask"


@require_safe
def release(request: HttpRequest) -> HttpResponse:
    """`/badge.svg`. A server that has published nothing answers too: a README must not show a broken picture."""
    shown = source.newest()
    word = of_release(shown.release, clock.now_s()) if shown else "unknown"
    return _drawn(Badge(_("commercial use"), word))


@require_safe
def component(request: HttpRequest, component: str) -> HttpResponse:
    """`/licenses/<component>/badge.svg`."""
    shown = source.newest()
    found = shown.release.component(component) if shown else None
    if shown is None or found is None or found.proprietary:
        raise Http404(_("No such component, or nothing of it is licensed."))
    return _drawn(Badge(_("%s: commercial use") % found.name, of_component(shown.release, found, clock.now_s())))


def _drawn(badge: Badge) -> HttpResponse:
    answer = HttpResponse(svg(badge), content_type="image/svg+xml; charset=utf-8")
    answer["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(answer, public=True, max_age=300)  # terms change with notice; a proxy may be five minutes late
    return answer


def svg(badge: Badge) -> str:
    """The picture: 20 px high, readable without colour, with its words as the title."""
    word = {"yes": _("yes"), "ask": _("ask"), "no": _("no")}.get(badge.word, _("unknown"))
    left, right = _width(badge.label) + 14, _width(word) + 14
    told = f"{badge.label}: {word}"
    text = 'y="14" text-anchor="middle" fill="#fff"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f"aria-label={quoteattr(told)}><title>{escape(told)}</title>"
        f'<rect width="{left + right}" height="20" rx="4" fill="{_COLOURS[badge.word]}"/>'
        f'<path d="M4 0h{left - 4}v20H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z" fill="#2b3138"/>'
        f'<g font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2:g}" textLength="{left - 14}" {text}>{escape(badge.label)}</text>'
        f'<text x="{left + right / 2:g}" textLength="{right - 14}" {text} font-weight="bold">{escape(word)}</text>'
        "</g></svg>\n"
    )


def _width(text: str) -> int:
    """About how wide the words are at 11 px; `textLength` makes it exact whatever font is at hand."""
    return sum(10 if c in _WIDE else 4 if c in _NARROW else 7 for c in text)
