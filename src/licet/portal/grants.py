"""What may somebody beside the tier? A grant: for one holder or a mail domain, which actions, why, who approved it, from
when until when, and how much.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from licet.access.grant import actions_of, domain_of
from licet.access.standing import Budget
from licet.errors import LicetError, closest
from licet.portal import clock, documents, events, readmodel
from licet.portal.events import By
from licet.portal.models import GrantRow, Holder
from licet.release.reader import amount
from licet.release.release import Release
from licet.terms.action import DOWNLOAD

Whose = Holder | str
"""A holder, or a mail domain ("uni.example"): every account whose confirmed address is in it, now and later."""


@transaction.atomic
def grant(
    whose: Whose,
    release: str,
    actions: Iterable[str],
    by: By,
    *,
    reason: str,
    components: Iterable[str] | None = None,
    from_s: int | None = None,
    until_s: int | None = None,
    quotas: Iterable[Budget] = (),
    program: str = "",
) -> GrantRow:
    """These actions are open from a moment (now) until another (without end). LicetError for unknown words.

    A feature that downloads opens the download of its component too. `quotas` are the grant's own: counted for each
    holder beside what the tier has, and used when the tier's are used up or the tier lacks the feature.
    """
    at = documents.in_force(release)
    wanted, named = opened(at, actions), None if components is None else sorted(set(components))
    for name in named or ():
        if at.component(name) is None:
            raise LicetError(
                f"the release has no component `{name}`", mend=closest(name, [c.name for c in at.components])
            )
    if not wanted or not reason.strip():
        raise LicetError("a grant names its actions and its reason", mend="say what is granted, and why")
    holder, domain = whose_of(whose)
    now = clock.now_s()
    from_s = now if from_s is None else from_s
    if until_s is not None and until_s <= from_s:
        raise LicetError("a grant cannot end before it begins", mend="give a later end")
    limits = [{"limit": q.limit, "meter": q.meter, "period": q.period} for q in _apart(quotas)]
    row = GrantRow.objects.create(
        holder=holder, domain=domain, release=release, actions=wanted, components=named, quotas=limits,
        reason=reason.strip()[:500], program=program, approver=by.who, made_s=now, from_s=from_s, until_s=until_s,
    )  # fmt: skip
    events.record("grant.made", by, holder, release, grant=row.pk, actions=wanted, components=named, from_s=from_s,
                  until_s=until_s, budgets=limits, domain=domain, why=row.reason)  # fmt: skip
    _changed(row)
    return row


@transaction.atomic
def revoke(row: GrantRow, by: By, why: str = "") -> None:
    """The grant is no longer in the tree: what stood before it stands again."""
    fresh = GrantRow.objects.select_for_update().get(pk=row.pk)
    if fresh.revoked_s is not None:
        return
    row.revoked_s = clock.now_s()
    row.save(update_fields=["revoked_s"])
    events.record("grant.revoked", by, row.holder, row.release, grant=row.pk, before="granted", after="revoked",
                  why=why.strip()[:500])  # fmt: skip
    _changed(row)


def opened(release: Release, actions: Iterable[str]) -> list[str]:
    """The actions of a grant on these features, sorted: with the downloads that they are. LicetError for unknown ones."""
    features = [f.name for f in release.features]
    wanted = set(actions)
    for action in sorted(wanted - set(actions_of(release, features)) - {DOWNLOAD}):
        raise LicetError(f"the release has no feature `{action}`", mend=closest(action, [*features, DOWNLOAD]))
    return sorted(wanted | set(actions_of(release, wanted)))


def quotas(texts: Iterable[str]) -> list[Budget]:
    """`500 calls / month`, in the words of a quota in licet.toml; empty texts are left out."""
    found = []
    for text in filter(None, map(str.strip, texts)):
        try:
            limit, meter, period = amount.quota(text)
        except amount.AmountError as wrong:
            raise LicetError(str(wrong), mend=wrong.mend) from None
        found.append(Budget(limit, meter, period))
    return found


def _apart(quotas: Iterable[Budget]) -> list[Budget]:
    """One quota for each counter: of two the second would never be met, or the first never be used."""
    found: dict[tuple[str, str], Budget] = {}
    for quota in quotas:
        if quota.limit < 1:
            raise LicetError("a quota lets at least one call through", mend="leave it out, or revoke the grant")
        if found.setdefault((quota.meter, quota.period), quota) is not quota:
            raise LicetError(f"two quotas of {quota.meter} / {quota.period}", mend="keep one")
    return list(found.values())


def whose_of(whose: Whose) -> tuple[Holder | None, str]:
    """The holder, or the domain as it is compared. LicetError for a deleted account, and for what is no domain."""
    if isinstance(whose, Holder):
        if whose.deleted_s is not None:
            raise LicetError("the account was deleted", where=whose.pk)
        return whose, ""
    domain = domain_of(f"@{whose.removeprefix('@')}")
    if not domain:
        raise LicetError(
            f"`{whose}` is no mail domain", mend="write it like uni.example; one in another script by its xn-- form"
        )
    return None, domain


def _changed(row: GrantRow) -> None:
    """The gate learns it before the next call. A domain's grants are read with each of its holders, so all are read anew."""
    if row.holder is not None:
        readmodel.restate(row.holder, row.release)
    else:
        readmodel.changed("domain", row.domain[:64])
