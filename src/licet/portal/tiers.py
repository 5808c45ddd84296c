"""Which tier does a holder have of a release? Given, moved, asked for, approved, rejected. Each is one transaction."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from licet.errors import LicetError
from licet.portal import clock, documents, events, notices, readmodel
from licet.portal.changes import pledge
from licet.portal.events import By
from licet.portal.masking import masked
from licet.portal.models import Held, Holder, Request
from licet.release.release import Release, Tier


def current(holder: Holder, release: str) -> Held | None:
    """The tier held now; where one has ended by itself, what follows it (not yet saved)."""
    held = Held.objects.filter(holder=holder, release=release, ended_s=None).first()
    if held is None or held.until_s is None or held.until_s > clock.now_s():
        return held
    after = documents.first_tier(release, held.until_s)
    if after is None:
        return None
    return Held(
        holder=holder, release=release, tier=after[0], document=after[1], from_s=held.until_s,
        anchor_s=held.anchor_s, by=events.LICET.who, why=f"the tier {held.tier} ended",
    )  # fmt: skip


@transaction.atomic
def give(
    holder: Holder,
    release: str,
    tier: str,
    by: By,
    *,
    until_s: int | None = None,
    why: str = "",
    document: str = "",
    bought: bool = False,
) -> Held:
    """The holder has this tier from now on, at the newest document (or the one named), in place of what it had.

    LicetError for a tier that the document does not have. An open request for the same tier is answered by it. What is
    given by an operator is paid. `bought`: something pays for it: what paid for the same tier before, or what the caller
    says (`payments/apply.py`). A holder who takes the same tier at newer terms goes on paying for it.
    """
    now = clock.now_s()
    _living(holder)
    at = documents.read(document) if document else documents.in_force(release)
    _known(at, tier)
    if until_s is not None and until_s <= now:
        raise LicetError("a tier cannot end before it begins", mend="give a moment to come")
    before = _settled(holder, release)
    if before and before.tier == tier and not document and _others(by, holder) and pledge.keeps(before, at):
        at = documents.read(before.document)  # prolonged, yes; moved to less, no: the terms it holds pledge that
    same = before is not None and (before.tier, before.document, before.until_s) == (tier, at.sha256, until_s)
    pays = before is not None and _is_bought(before)
    if before is not None and same and (pays == bought or not by.operator):
        return before
    first = Held.objects.filter(holder=holder, release=release).order_by("from_s", "id").first()
    _end(holder, release, now)
    held = Held.objects.create(
        holder=holder, release=release, tier=tier, document=at.sha256, from_s=now, until_s=until_s,
        anchor_s=first.anchor_s if first else now, by=by.who, why=why[:500],
    )  # fmt: skip
    Request.objects.filter(holder=holder, release=release, tier=tier, state=Request.State.PENDING).update(
        state=Request.State.APPROVED, answered_s=now, answered_by=by.who
    )
    if before is not None and pays and before.tier == tier and (bought or not by.operator):
        _carry(before, held)
    what = "tier.moved" if before else "tier.given"
    events.record(what, by, holder, release, tier=tier, document=at.sha256, before=before.tier if before else "",
                  after=tier, until_s=until_s, why=why[:500])  # fmt: skip
    readmodel.restate(holder, release)
    return held


@transaction.atomic
def request(holder: Holder, release: str, tier: str, reason: str, by: By) -> Request:
    """Ask for a tier that needs approval. Asking again while it is open gives the open request. Operators get a
    mail.
    """
    _living(holder)
    at = documents.in_force(release)
    wanted = _known(at, tier)
    if not wanted.requires_approval:
        raise LicetError(f"the tier `{tier}` needs no approval", mend="the page of the release says how to get it")
    held = current(holder, release)
    if held is not None and held.tier == tier:
        raise LicetError(f"you have the tier `{tier}` already")
    if not reason.strip():
        raise LicetError("a request needs a reason", mend="say what you want to do with it")
    reason = masked(reason)  # people paste a key to show that they have one: it goes to no mail and no table
    found, new = Request.objects.get_or_create(
        holder=holder, release=release, tier=tier, state=Request.State.PENDING,
        defaults={"document": at.sha256, "reason": reason.strip()[:4_000]},
    )  # fmt: skip
    if new:
        events.record("tier.requested", by, holder, release, tier=tier, request=found.pk, why=found.reason[:500])
        readmodel.restate(holder, release)
        transaction.on_commit(partial(notices.asked, found.pk))
    return found


@transaction.atomic
def approve(request: Request, by: By, words: str = "", *, until_s: int | None = None) -> Held | None:
    """The asker has the tier from the next call on, and a mail says so; None where it has a price and is sold here: then
    the asker may buy it. With `until_s` it is given all the same. LicetError for a request that is answered.
    """
    _answer(request, Request.State.APPROVED, words, by)
    if until_s is None and sold(request.release, request.tier):
        events.record("tier.approved", by, request.holder, request.release, tier=request.tier, request=request.pk,
                      before="pending", after="may buy", why=words[:500])  # fmt: skip
        readmodel.restate(request.holder, request.release)
        transaction.on_commit(partial(notices.answered, request.pk))
        return None
    events.record("tier.approved", by, request.holder, request.release, tier=request.tier, request=request.pk,
                  before="pending", after="approved", why=words[:500])  # fmt: skip
    held = give(request.holder, request.release, request.tier, by, until_s=until_s, why=f"request {request.pk}")
    readmodel.restate(request.holder, request.release)  # even where nothing moved, the request is no longer open
    transaction.on_commit(partial(notices.answered, request.pk))
    return held


def sold(release: str, tier: str) -> bool:
    """Has the tier a price, and is there a provider who takes it?"""
    from licet.portal.payments import providers

    found = documents.in_force(release).tier(tier)
    return found is not None and bool(found.prices) and providers.selling() is not None


def approved(holder: Holder, release: str, tier: str) -> bool:
    """Was the holder's last request for the tier approved?"""
    last = Request.objects.filter(holder=holder, release=release, tier=tier).order_by("made_s", "id").last()
    return last is not None and last.state == Request.State.APPROVED


@transaction.atomic
def reject(request: Request, by: By, words: str = "") -> None:
    """The asker keeps what it has, and a mail says why. LicetError for a request that is answered."""
    _answer(request, Request.State.REJECTED, words, by)
    events.record("tier.rejected", by, request.holder, request.release, tier=request.tier, request=request.pk,
                  before="pending", after="rejected", why=words[:500])  # fmt: skip
    readmodel.restate(request.holder, request.release)
    transaction.on_commit(partial(notices.answered, request.pk))


@transaction.atomic
def withdraw(request: Request, by: By) -> None:
    """The asker takes the request back."""
    _answer(request, Request.State.WITHDRAWN, "", by)
    events.record("tier.withdrawn", by, request.holder, request.release, tier=request.tier, request=request.pk)
    readmodel.restate(request.holder, request.release)


@transaction.atomic
def move(release: str, by: By, *, tier: str | None = None) -> int:
    """Move the holders of one tier (or of all) to the newest document; how many. A tier that it lacks is left alone, and
    so is who would lose by it against a pledge of the terms it holds.
    """
    at, moved = documents.in_force(release), 0
    holders = Holder.objects.filter(held__release=release, held__ended_s=None, deleted_s=None).distinct()
    for holder in list(holders):
        now = _settled(holder, release)  # a tier that ended by itself is not moved: what follows it is
        if now is None or now.document == at.sha256 or tier not in (None, now.tier) or at.tier(now.tier) is None:
            continue
        if pledge.keeps(now, at):
            continue
        why = "moved to the newest document"
        give(holder, release, now.tier, by, until_s=now.until_s, why=why, bought=_is_bought(now))
        transaction.on_commit(partial(_asked_anew, holder, release))
        moved += 1
    return moved


def _asked_anew(holder: Holder, release: str) -> None:
    """Whoever was moved to words that are to be accepted anew is told until when the old ones count."""
    from licet.portal.certificates.notices import asked_anew

    asked_anew(holder, release)


def _answer(request: Request, state: str, words: str, by: By) -> None:
    fresh = Request.objects.select_for_update().get(pk=request.pk)
    if fresh.state != Request.State.PENDING:
        raise LicetError(f"the request is {fresh.state} already", where=fresh.pk)
    request.state, request.words = state, words.strip()[:4_000]
    request.answered_s, request.answered_by = clock.now_s(), by.who
    request.save(update_fields=["state", "words", "answered_s", "answered_by"])


def _known(release: Release, tier: str) -> Tier:
    found = release.tier(tier)
    if found is None:
        raise LicetError(f"Invalid user level: no tier `{tier}`", mend=release.did_you_mean(tier))
    return found


def _is_bought(held: Held) -> bool:
    from licet.portal.payments.models import Subscription

    return held.pk is not None and Subscription.objects.filter(held=held).exists()


def _carry(before: Held, after: Held) -> None:
    from licet.portal.payments import paid

    paid.carry(before, after)


def _others(by: By, holder: Holder) -> bool:
    """Does the operator's side act, and not the holder? Who takes newer terms by his own will breaks no pledge."""
    return by.operator and by.who != holder.pk


def _living(holder: Holder) -> None:
    if holder.deleted_s is not None:
        raise LicetError("the account was deleted", where=holder.pk)


def _settled(holder: Holder, release: str) -> Held | None:
    """The tier held now, as a row: what ended by itself is closed at its end, and what follows it is saved."""
    now = current(holder, release)
    if now is None or now.pk is None:
        _end(holder, release, clock.now_s())
        if now is not None:
            now.save()
    return now


def _end(holder: Holder, release: str, now_s: int) -> None:
    """Close what is open: at the moment it ended by itself, where it did."""
    for held in Held.objects.filter(holder=holder, release=release, ended_s=None):
        held.ended_s = min(now_s, held.until_s) if held.until_s is not None else now_s
        held.save(update_fields=["ended_s"])
