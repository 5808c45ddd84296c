"""What may one holder beside its tier? A grant: which actions, why, who approved it, from when until when."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from licet.errors import LicetError, closest
from licet.portal import clock, documents, events, readmodel
from licet.portal.events import By
from licet.portal.models import GrantRow, Holder
from licet.terms.action import DOWNLOAD


@transaction.atomic
def grant(
    holder: Holder,
    release: str,
    actions: Iterable[str],
    by: By,
    *,
    reason: str,
    components: Iterable[str] | None = None,
    from_s: int | None = None,
    until_s: int | None = None,
) -> GrantRow:
    """The holder may do these actions from a moment (now) until another (without end). LicetError for unknown words."""
    at = documents.in_force(release)
    wanted = sorted(set(actions))
    known = [f.name for f in at.features] + [DOWNLOAD]
    for action in wanted:
        if action not in known:
            raise LicetError(f"the release has no feature `{action}`", mend=closest(action, known))
    named = None if components is None else sorted(set(components))
    for name in named or ():
        if at.component(name) is None:
            raise LicetError(
                f"the release has no component `{name}`", mend=closest(name, [c.name for c in at.components])
            )
    if not wanted or not reason.strip():
        raise LicetError("a grant names its actions and its reason", mend="say what is granted, and why")
    if holder.deleted_s is not None:
        raise LicetError("the account was deleted", where=holder.pk)
    now = clock.now_s()
    from_s = now if from_s is None else from_s
    if until_s is not None and until_s <= from_s:
        raise LicetError("a grant cannot end before it begins", mend="give a later end")
    row = GrantRow.objects.create(
        holder=holder, release=release, actions=wanted, components=named, reason=reason.strip()[:500], approver=by.who,
        made_s=now, from_s=from_s, until_s=until_s,
    )  # fmt: skip
    events.record("grant.made", by, holder, release, grant=row.pk, actions=wanted, components=named, from_s=from_s,
                  until_s=until_s, why=row.reason)  # fmt: skip
    readmodel.restate(holder, release)
    return row


@transaction.atomic
def revoke(row: GrantRow, by: By) -> None:
    """The grant is no longer in the tree: what stood before it stands again."""
    if row.revoked_s is not None:
        return
    row.revoked_s = clock.now_s()
    row.save(update_fields=["revoked_s"])
    events.record("grant.revoked", by, row.holder, row.release, grant=row.pk, before="granted", after="revoked")
    readmodel.restate(row.holder, row.release)
