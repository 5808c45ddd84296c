"""What is a holder to a release, in the gate's words? Worked out from the tables that own it, and written beside them.

Everything here is called inside the transaction of the change it follows from. Standing rows are the only place where
"tier held", "tier awaited", "accepted", "suspended" and "granted" become claims and facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from licet.access.grant import domain_of
from licet.portal import accepted, documents
from licet.portal.models import (
    ChangeRow,
    CredentialRow,
    GrantRow,
    Held,
    Holder,
    Key,
    Request,
    StandingRow,
)
from licet.terms.clause import Scalar

# Raised by one whenever standing rows get a fact or claim that they lacked: older folders are then rebuilt once.
MADE = 2


def changed(what: str, ref: str) -> None:
    ChangeRow.objects.create(what=what, ref=ref)


def credentials_changed(rows: Iterable[CredentialRow]) -> None:
    ChangeRow.objects.bulk_create([ChangeRow(what="credential", ref=bytes(row.digest).hex()) for row in rows])


def narrow(key: Key) -> dict[str, Any]:
    """What was kept out of a key and, where it calls for an organization, the role it calls in."""
    from licet.portal.organizations.acting import told_of

    kept = {
        "features": key.features, "releases": key.releases, "scopes": key.scopes, "role": told_of(key),
        "networks": key.networks, "budgets": key.budgets,
    }  # fmt: skip
    return {name: value for name, value in kept.items() if value}


def rekey(keys: Iterable[Key]) -> None:
    """Write anew what these keys may: after their role, or who has it, was changed."""
    rows: list[CredentialRow] = []
    for key in keys:
        told = narrow(key)
        for row in CredentialRow.objects.filter(key_id=key.pk):
            row.narrow = told
            rows.append(row)
    CredentialRow.objects.bulk_update(rows, ["narrow"], batch_size=500)
    credentials_changed(rows)


def restate(holder: Holder, release: str | None = None) -> None:
    """Write the holder's standing anew, for one release or for all in which it ever held a tier."""
    held = Held.objects.filter(holder=holder)
    names = {release} if release else set(held.values_list("release", flat=True))
    for name in sorted(names):
        StandingRow.objects.filter(holder_id=holder.pk, release=name).delete()
        now = held.filter(release=name, ended_s=None).first()
        if now is not None and holder.deleted_s is None:
            StandingRow.objects.bulk_create(rows(holder, now))
    if names:
        changed("standing", holder.pk)


def rows(holder: Holder, held: Held) -> list[StandingRow]:
    """The standing while `held` lasts, a row for each step of what pays for it, and what follows where it ends by itself:
    no job has to lapse anything.
    """
    from licet.portal.payments import paid

    steps = paid.steps(held)
    ends = (*(from_s for from_s, _ in steps[1:]), held.until_s)
    counts = accepted.counting(holder, held.release, held.document)
    made = [
        _row(holder, held, held.tier, held.document, begin_s, end_s, accepted.at_moment(counts, begin_s), is_paid)
        for (from_s, is_paid), until_s in zip(steps, ends, strict=True)
        for begin_s, end_s in _parts(from_s, until_s, counts)
    ]
    after = documents.first_tier(held.release, held.until_s) if held.until_s is not None else None
    if after is None:
        return made
    counts, begins_s = accepted.counting(holder, held.release, after[1]), held.until_s or 0
    follows = [
        _row(holder, held, *after, begin_s, end_s, accepted.at_moment(counts, begin_s))
        for begin_s, end_s in _parts(begins_s, None, counts)
    ]
    return [*made, *follows]


def _parts(from_s: int, until_s: int | None, counts: Mapping[str, int | None]) -> list[tuple[int, int | None]]:
    """A time in parts, each between two moments at which an acceptance ends to count."""
    turns = sorted({s for s in counts.values() if s is not None and from_s < s and (until_s is None or s < until_s)})
    return list(zip((from_s, *turns), (*turns, until_s), strict=True))


def _row(
    holder: Holder,
    held: Held,
    tier: str,
    document: str,
    from_s: int,
    until_s: int | None,
    promised: Iterable[str],
    is_paid: bool = True,
) -> StandingRow:
    from licet.portal.payments import paid

    claims = {holder.kind, f"tier:{tier}"}
    facts: dict[str, Scalar] = {f"approved:{tier}": True}
    if paid.priced(document, tier):
        facts[f"paid:{tier}"] = is_paid
    awaited = Request.objects.filter(holder=holder, release=held.release, state=Request.State.PENDING)
    for name in awaited.exclude(tier=tier).values_list("tier", flat=True):
        claims.add(f"tier:{name}")
        facts[f"approved:{name}"] = False
    facts.update((f"accepted:{name}", True) for name in promised)
    grants = GrantRow.objects.filter(holder=holder, release=held.release, revoked_s=None).order_by("id")
    told = [
        {"id": g.pk, "actions": g.actions, "components": g.components, "from_s": g.from_s, "until_s": g.until_s,
         "quotas": g.quotas}
        for g in grants
    ]  # fmt: skip
    if told:  # only then: holders of equal standing share one table at the gate, and this claim is one holder's own
        claims.add(f"holder:{holder.pk}")
    if holder.suspended_s is not None:
        claims.add("suspended")
    return StandingRow(
        holder_id=holder.pk, release=held.release, from_s=from_s, until_s=until_s, tier=tier, document=document,
        claims=sorted(claims), facts=dict(sorted(facts.items())), anchor_s=held.anchor_s, grants=told,
        domain=domain(holder),
    )  # fmt: skip


def domain(holder: Holder) -> str:
    """The mail domain of the account's confirmed address, as grants are held against it; "" for an organization."""
    from allauth.account.models import EmailAddress

    if holder.account_id is None:
        return ""
    found = EmailAddress.objects.filter(user_id=holder.account_id, verified=True, primary=True).first()
    return domain_of(found.email) if found else ""


def rebuild() -> int:
    """Write every standing anew; how many holders. For one that is older than `MADE`, and as a check on it.

    In transactions of a thousand: whoever is served meanwhile waits for one of them at most.
    """
    holders = list(Holder.objects.filter(held__ended_s=None).distinct())
    for n in range(0, len(holders), 1_000):
        with transaction.atomic():
            for holder in holders[n : n + 1_000]:
                restate(holder)
    return len(holders)
