"""What can somebody who was refused do? Ways that were tried: the offers of `access`, and waiting for a change date."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from licet.access import offers as had
from licet.access.offers import Offer
from licet.access.sold import sold
from licet.access.standing import Standing
from licet.portal.pages import source, words
from licet.portal.pages.asking import Answered, answer
from licet.portal.pages.source import Shown
from licet.release.release import Component
from licet.terms import CLOCK, METER, Answer

DATES = 12  # each date tried is a whole answer: a page is no place for hundreds


def offers(shown: Shown, answered: Answered, now_s: int) -> tuple[Offer, ...]:
    """Ways to a yes, the cheapest first; none for anything but a no. Each is answered yes once it is taken."""
    if answered.verdict.answer is not Answer.NO:
        return ()
    return (*_had(shown, answered, now_s), *_waiting(shown, answered, now_s))


def _had(shown: Shown, answered: Answered, now_s: int) -> Iterator[Offer]:
    """What can be had here now: a tier, an acceptance, a key; where a license refuses, a tier that sells another."""
    release, question = shown.release, answered.question
    served = release.feature(question.do) is not None or question.do == "download"
    if len(answered.asks) != 1:
        return
    ((_policy, ask),) = answered.asks
    facts = {name: value for name, value in ask.facts.items() if name != CLOCK and not name.startswith(METER)}
    if not served:
        yield from sold(release, ask.action, ask.component, facts, now_s, source.url())
        return
    approved = {name: value for name, value in facts.items() if name.startswith(("approved:", "paid:"))}
    standing = Standing("", release.name, question.who, release.sha256, ask.claims, approved)
    yield from had.offers(release, standing, facts, ask.action, ask.component, now_s, source.url())


def _waiting(shown: Shown, answered: Answered, now_s: int) -> Iterator[Offer]:
    """The first change date on which the same question is answered yes, among the next dozen."""
    asked = answered.question.component
    dates: dict[int, Component] = {}
    for component in shown.release.components:
        if component.change_s is not None and component.change_s > now_s and asked in ("", component.name):
            dates.setdefault(component.change_s, component)
    for then_s in sorted(dates)[:DATES]:
        if answer(shown.release, answered.question, then_s).verdict.answer is Answer.YES:
            changed = dates[then_s]
            detail = _("wait until %(day)s: then %(name)s is under %(license)s") % {
                "day": words.day(then_s), "name": changed.name, "license": changed.change_license,
            }  # fmt: skip
            yield Offer("date", changed.name, detail, "", f"licet.toml:{changed.line}")
            return
