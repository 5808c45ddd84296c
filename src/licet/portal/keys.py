"""Which keys does a holder call with? Made, rotated, revoked. The secret exists once, in the answer; kept is its
digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from licet.access import key as form
from licet.access.key import Secret
from licet.errors import LicetError, closest
from licet.portal import bounds, clock, events, readmodel
from licet.portal.community import text
from licet.portal.events import By
from licet.portal.masking import masked
from licet.portal.models import CredentialRow, Holder, Key
from licet.terms import fact
from licet.terms.clause import Scalar

if TYPE_CHECKING:
    from licet.portal.organizations.models import Membership

SCOPES = {
    "decide": "ask about others (AuthZEN)",
    "metrics": "read /metrics",
    "requests": "read and answer requests for a tier (Hugging Face's access requests)",
}
"""What needs a scope at all; only operators give them."""
OVERLAP_S = 24 * 3600
MOST = 100  # living keys of one holder, or of one member of an organization


@dataclass(frozen=True, slots=True)
class Made:
    """A key and its secret, to be shown once: `secret.reveal()`."""

    key: Key
    secret: Secret


@transaction.atomic
def make(
    holder: Holder,
    name: str,
    by: By,
    *,
    env: str = "live",
    scopes: Iterable[str] = (),
    features: Iterable[str] | None = None,
    releases: Iterable[str] | None = None,
    declared: Mapping[str, Scalar] | None = None,
    expires_s: int | None = None,
    networks: Iterable[str] = (),
    budgets: Iterable[str] = (),
    nonce: str | None = None,
    membership: Membership | None = None,
) -> Made:
    """A new key. `features` and `releases` narrow it, `declared` are the facts its owner states, kept with their
    wording. `networks` (`10.0.0.0/8`) are where its calls may come from, `budgets` (`100 calls / day`) how much may be
    used with it, inside the tier.

    `membership` is in whose role the key calls, for an organization (`organizations.member_keys` asks whether it may).

    The same `nonce` again (a form sent twice, an answer that was lost) gives the same key a new secret in place of the
    first: there is never a second key, nor a secret that nobody has seen. LicetError says what is wrong.
    """
    now = clock.now_s()
    _may_have(holder, by, scopes)
    if expires_s is not None and expires_s <= now:
        raise LicetError("a key cannot expire before it is made", mend="give a moment to come, or none")
    _known_features(features)
    if nonce and (before := Key.objects.filter(holder=holder, nonce=nonce).first()):
        return _again(before, nonce)
    living = Key.objects.filter(holder=holder, revoked_s=None)
    if (living if membership is None else living.filter(of__membership=membership)).count() >= MOST:
        raise LicetError(f"there are {MOST} keys already", mend="revoke one that is not used")
    key_id, secret = form.make(env, clock.dice, clock.now_ms())
    key = Key.objects.create(
        id=key_id,
        holder=holder,
        name=text.line(masked(name), 80) or "key",  # others read it: an organization, an operator
        env=env,
        prefix=f"lic_{env}_{key_id.removeprefix('key_')[:10]}…",
        scopes=sorted(set(scopes)),
        features=None if features is None else sorted(set(features)),
        releases=None if releases is None else sorted(set(releases)),
        networks=bounds.networks(networks),
        budgets=bounds.budgets(budgets),
        declared=[_declaration(f, v, now) for f, v in sorted((declared or {}).items())],
        made_s=now,
        expires_s=expires_s,
        nonce=nonce or None,
    )
    if membership is not None:
        membership.keys.create(key=key)
    _store(key, secret.digest, nonce or "")
    events.record("key.made", by, holder, key=key.pk, name=key.name, scopes=key.scopes, features=key.features,
                  releases=key.releases, networks=key.networks, budgets=key.budgets, expires_s=expires_s)  # fmt: skip
    return Made(key, secret)


@transaction.atomic
def rotate(key: Key, by: By, *, overlap_s: int = OVERLAP_S, nonce: str = "") -> Made:
    """A new secret for the same key; the old one works `overlap_s` longer (0: not at all).

    The same `nonce` again replaces only the secret that this rotation gave: the end of the old one stays where it was.
    """
    now = clock.now_s()
    key = Key.objects.select_for_update().get(pk=key.pk)
    if not key.live(now):
        raise LicetError("a key that has ended is not rotated", where=key.pk, mend="make a new key")
    rows = CredentialRow.objects.filter(key_id=key.pk, revoked_s=None)
    if nonce and rows.filter(nonce=nonce).exists():
        return _again(key, nonce)
    ends = now + max(0, overlap_s)
    old = [row for row in rows if row.expires_s is None or row.expires_s > ends]
    for row in old:
        row.expires_s = ends
        row.save(update_fields=["expires_s"])
    readmodel.credentials_changed(old)
    _, secret = form.make(key.env, clock.dice, clock.now_ms(), key_id=key.pk)
    _store(key, secret.digest, nonce)
    key.rotated_s = now
    key.save(update_fields=["rotated_s"])
    events.record("key.rotated", by, key.holder, key=key.pk, overlap_s=overlap_s)
    return Made(key, secret)


@transaction.atomic
def revoke(key: Key, by: By, why: str = "") -> None:
    """Every secret of the key is refused from the next call on, in every process of this machine."""
    key = Key.objects.select_for_update().get(pk=key.pk)
    if key.revoked_s is not None:
        return
    key.revoked_s = clock.now_s()
    key.save(update_fields=["revoked_s"])
    rows = list(CredentialRow.objects.filter(key_id=key.pk))
    CredentialRow.objects.filter(key_id=key.pk).update(revoked_s=key.revoked_s)
    readmodel.credentials_changed(rows)
    events.record(
        "key.revoked", by, key.holder, key=key.pk, name=key.name, before="works", after="revoked", why=why[:200]
    )


@transaction.atomic
def take_in(
    holder: Holder,
    name: str,
    digest: bytes,
    by: By,
    *,
    expires_s: int | None = None,
    declared: Mapping[str, Scalar] | None = None,
) -> Key:
    """A key that exists elsewhere already, by the SHA-256 of its bearer: its owner goes on calling with it."""
    if CredentialRow.objects.filter(digest=digest).exists():
        raise LicetError("this key is here already", mend="take its line out")
    now = clock.now_s()
    key = Key.objects.create(
        id=clock.new_id("key"), holder=holder, name=name[:80] or "imported", env="other", prefix="(imported)",
        declared=[_declaration(f, v, now) for f, v in sorted((declared or {}).items())], made_s=now,
        expires_s=expires_s,
    )  # fmt: skip
    _store(key, digest, "")
    events.record("key.imported", by, holder, key=key.pk, name=key.name)
    return key


def _known_features(features: Iterable[str] | None) -> None:
    """A key that is narrowed to a misspelt feature would open nothing, and say so only when it is called."""
    from licet.portal import documents

    known = {f.name for release in documents.releases() for f in documents.in_force(release).features}
    for name in features or ():
        if known and name not in known:
            raise LicetError(f"there is no feature `{name}`", mend=closest(name, known))


def _may_have(holder: Holder, by: By, scopes: Iterable[str]) -> None:
    if holder.deleted_s is not None or holder.suspended_s is not None:
        what = "deleted" if holder.deleted_s is not None else "suspended"
        raise LicetError(f"the account is {what}: it gets no keys", mend="ask the operator")
    for scope in scopes:
        if scope not in SCOPES:
            raise LicetError(f"there is no scope `{scope}`", mend=closest(scope, SCOPES))
        if not by.operator:
            raise LicetError(f"only an operator gives the scope `{scope}`", mend="ask the operator")


def _declaration(name: str, value: Scalar, now_s: int) -> dict[str, Any]:
    row = fact.FACTS.get(name)
    if row is None or name not in fact.askable():
        raise LicetError(f"nobody can declare `{name}`", mend=closest(name, fact.askable()))
    if type(value) is not row.type:
        raise LicetError(f"`{name}` is {row.type.__name__}, not `{value}`")
    return {"fact": name, "value": value, "at_s": now_s, "wording": row.question}


def _again(key: Key, nonce: str) -> Made:
    """The secret that this nonce gave was perhaps never seen: it dies, and another takes its place."""
    lost = list(CredentialRow.objects.filter(key_id=key.pk, nonce=nonce))
    readmodel.credentials_changed(lost)
    CredentialRow.objects.filter(key_id=key.pk, nonce=nonce).delete()
    _, secret = form.make(key.env, clock.dice, clock.now_ms(), key_id=key.pk)
    _store(key, secret.digest, nonce)
    return Made(key, secret)


def _store(key: Key, digest: bytes, nonce: str) -> None:
    row = CredentialRow.objects.create(
        digest=digest,
        key_id=key.pk,
        holder_id=key.holder_id,
        expires_s=key.expires_s,
        narrow=readmodel.narrow(key),
        facts={one["fact"]: one["value"] for one in key.declared},
        made_s=clock.now_s(),
        nonce=nonce,
    )
    readmodel.credentials_changed([row])
