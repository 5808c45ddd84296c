"""Why may one holder, or one key, do this, or why not? The gate's own answer, branch by branch, with the real counters."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

from licet.access.ask import of_release, together
from licet.access.branches import Branch, branches
from licet.access.offers import Offer, offers
from licet.access.standing import Credential
from licet.access.table import facts_of
from licet.errors import LicetError
from licet.portal import clock, documents, ledger_reading
from licet.portal.config import current
from licet.portal.directory import SqliteDirectory
from licet.portal.models import Holder
from licet.portal.pages.words import CATALOGUE
from licet.portal.whatif.kin import standing
from licet.portal.whatif.who import holder as named
from licet.terms import CLOCK, METER, Answer, Verdict
from licet.terms.plain import Said, Spoken, say


@dataclass(frozen=True, slots=True)
class Door:
    """One branch in words: `answer` is "yes", "no" or "depends"; of those with the same `of` above 0 one is enough."""

    kind: str
    name: str
    answer: str
    of: int
    because: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The answer about one holder: as a whole, each door, and the ways to a yes."""

    holder: Holder
    key_id: str
    tier: str
    action: str
    component: str
    verdict: Verdict
    spoken: Spoken
    doors: tuple[Door, ...]
    offers: tuple[Offer, ...]

    @property
    def word(self) -> str:
        return self.verdict.answer.name.lower()


def why(who: str, release: str, action: str, component: str = "") -> Why:
    """Asked as the gate asks, at the document that the tier is held at. LicetError for nobody, and for no such word.

    A holder without a key is asked as one whose keys state everything; a key id brings its role, budgets and narrowing.
    """
    holder, key = _who(who)
    mine, newest, now_s = standing(holder.pk, release), documents.in_force(release), clock.now_s()
    at = documents.read(mine.document)
    used = {METER + c.meter: c.used + c.held + 1 for c in ledger_reading.counters(holder.pk, release)}
    known: dict[str, Any] = {**facts_of(mine, key)}
    if key is None:
        known |= {f"declared:{name}": True for name in at.declare}
    narrow = key.narrow.features if key else None
    if key is not None and key.narrow.releases is not None and release not in key.narrow.releases:
        narrow = frozenset()
    parts = of_release(
        action, at, component or None, mine.claims, {**known, **used, CLOCK: now_s},
        grants=tuple(g.policy for g in mine.grants), narrow=narrow, role=key.role if key else None,
        newest=at.sha256 == newest.sha256,
    )  # fmt: skip
    verdict, first = together(parts), parts[0]
    doors = tuple(
        d for part in parts for d in _doors(branches(part.policy, part.ask), action, part.component, mine.tier)
    )
    ways: tuple[Offer, ...] = ()
    if len(parts) == 1 and verdict.answer is Answer.NO and (at.feature(action) or action == "download"):
        ways = offers(newest, mine, known, action, first.component, now_s, current().url, held=at, narrow=narrow,
                      role=key.role if key else None, counts=used)  # fmt: skip
    spoken = say(verdict, action=action, component=component, tier=mine.tier or None, words=CATALOGUE)
    return Why(holder, key.key_id if key else "", mine.tier, action, first.component, verdict, spoken, doors, ways)


def _who(word: str) -> tuple[Holder, Credential | None]:
    if not word.strip().startswith("key_"):
        return named(word), None
    with closing(SqliteDirectory(current().portal_file, clock.now_s)) as directory:
        key = directory.key(word.strip())
    if key is None:
        raise LicetError(f"there is no key `{word.strip()}`", mend="its id stands on its owner's page of keys")
    return Holder.objects.select_related("account").get(pk=key.holder_id), key


def _doors(found: tuple[Branch, ...], action: str, component: str, tier: str) -> tuple[Door, ...]:
    def said(one: Branch) -> tuple[Said, ...]:
        return say(one.verdict, action=action, component=component, tier=tier or None, words=CATALOGUE).because

    return tuple(Door(b.kind, b.name, b.verdict.answer.name.lower(), b.of, said(b)) for b in found)
