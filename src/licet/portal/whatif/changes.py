"""What would turn, and for whom, if a document were published, a tier given, a grant made or revoked, a role changed?

Nothing is written: the standings are read, changed in the mind, and asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial

from licet.access import grant as grants
from licet.access import role as roles
from licet.access.grant import Granted
from licet.access.role import ACTS
from licet.access.standing import Budget
from licet.access.whatif import Kin, Side, Turned, compared, touched
from licet.errors import LicetError
from licet.portal import clock, documents
from licet.portal.grants import opened, whose_of
from licet.portal.models import GrantRow, Holder, Key
from licet.portal.organizations.models import Role
from licet.portal.whatif.kin import kins, standing
from licet.release.policy import ANONYMOUS
from licet.release.release import Release
from licet.terms import Terms

IF = "grant_if"  # what a grant would be called that nobody made yet


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that would turn. `asked` holders were looked at, in `kins` standings; `unit` is what is counted."""

    turned: tuple[Turned, ...]
    asked: int
    kins: int
    unit: str = "holder"

    @property
    def gain(self) -> int:
        return touched(self.turned, "gains")

    @property
    def lose(self) -> int:
        """Holders who would lose something, and those for whom it cannot be told."""
        return touched(self.turned, "loses", "differs")


def document(edited: Release, move: Collection[str] = ("*",)) -> Outcome:
    """If this document were published, and the holders of these tiers ("*": of all) moved to it."""
    release = edited.name

    def moved(kin: Kin) -> Side:
        tier = kin.standing.tier
        if ANONYMOUS in kin.standing.claims:
            return Side(edited, kin.standing)
        if edited.tier(tier) is None or not {"*", tier} & set(move):
            return _as_it_is(kin)
        return Side(edited, replace(kin.standing, document=edited.sha256))

    found = kins(release)
    if edited.anonymous is not None and not any(ANONYMOUS in kin.standing.claims for kin in found):
        from licet.access.table import anonymous

        found = (*found, Kin(anonymous(documents.in_force(release)), 0))
    return _outcome(found, moved)


def tier(holder: Holder, release: str, name: str) -> Outcome:
    """If the holder were given this tier of the newest document."""
    at = documents.in_force(release)
    if at.tier(name) is None:
        raise LicetError(f"no tier `{name}`", mend=at.did_you_mean(name))

    def given(kin: Kin) -> Side:
        now = kin.standing
        claims = {c for c in now.claims if not c.startswith("tier:")} | {f"tier:{name}"}
        facts = {k: v for k, v in now.facts.items() if not k.startswith(("approved:", "paid:"))}
        facts |= {f"approved:{name}": True, f"paid:{name}": True}
        return Side(at, replace(now, tier=name, document=at.sha256, claims=frozenset(claims), facts=facts))

    return _outcome((_alone(holder, release),), given)


def grant(
    whose: Holder | str,
    release: str,
    actions: Iterable[str],
    components: Iterable[str] | None = None,
    quotas: Iterable[Budget] = (),
) -> Outcome:
    """If a grant were made to a holder or a mail domain."""
    holder, domain = whose_of(whose)
    wanted = tuple(opened(documents.in_force(release), actions))
    claim = f"holder:{holder.pk}" if holder else f"domain:{domain}"
    named = None if components is None else tuple(components)
    made = grants.grant(Granted(IF, claim, wanted, named, 0, None, tuple(quotas)))

    def given(kin: Kin) -> Side:
        now = kin.standing
        return replace(_as_it_is(kin), standing=replace(now, claims=now.claims | {claim}, grants=(*now.grants, made)))

    return _outcome((_alone(holder, release),) if holder else _of_domain(release, domain), given)


def revoked(row: GrantRow) -> Outcome:
    """If the grant were revoked."""

    def without(kin: Kin) -> Side:
        kept = tuple(g for g in kin.standing.grants if g.grant_id != row.pk)
        return replace(_as_it_is(kin), standing=replace(kin.standing, grants=kept))

    mine = (_alone(row.holder, row.release),) if row.holder else _of_domain(row.release, row.domain)
    return _outcome(mine, without)


def role(row: Role, acts: Collection[str]) -> Outcome:
    """If a role of an organization had these acts: what its keys could then call. What it may on pages are the acts."""
    if row.organization is None:
        raise LicetError(f"`{row}` is a role of all organizations", mend="name a custom role")
    org = row.organization
    before, after = (
        roles.terms(roles.Role(row.name, org.name, frozenset(has) & ACTS.keys())) for has in (row.acts, acts)
    )
    working = Key.objects.filter(of__membership__role=row, revoked_s=None).exclude(expires_s__lte=clock.now_s()).count()
    found: list[Turned] = []
    for release in documents.releases():
        kin = Kin(standing(org.holder_id, release), working, (org.holder_id,))
        found += compared((kin,), partial(_in_role, before), partial(_in_role, after), clock.now_s())
    return Outcome(tuple(found), working, 1, "key")


def _in_role(role: Terms, kin: Kin) -> Side:
    return replace(_as_it_is(kin), role=role)


def _outcome(found: tuple[Kin, ...], after: Callable[[Kin], Side]) -> Outcome:
    turned = compared(found, _as_it_is, after, clock.now_s())
    return Outcome(turned, sum(kin.holders for kin in found), len(found))


def _as_it_is(kin: Kin) -> Side:
    at, newest = kin.standing.document, documents.in_force(kin.standing.release)
    return Side(documents.read(at), kin.standing, newest=at == newest.sha256)


def _alone(holder: Holder, release: str) -> Kin:
    return Kin(standing(holder.pk, release), 1, (holder.pk,))


def _of_domain(release: str, domain: str) -> tuple[Kin, ...]:
    """The holders whose confirmed address is in the domain, by their standings."""
    from licet.portal.models import StandingRow

    there = StandingRow.objects.filter(release=release, domain=domain)
    return tuple(kin for kin in kins(release, domain) if there.filter(holder_id__in=kin.some[:1]).exists())
