"""With which key does this server sign, and which of its keys may be believed? Made once, rotated, never printed."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from licet.certificate import Key, Keys, Kind
from licet.certificate.keys import jwk
from licet.certificate.seal import signature
from licet.errors import LicetError
from licet.portal import clock, data_folder, events
from licet.portal.certificates.models import CertificateRow, SigningKey
from licet.portal.config import current as config
from licet.portal.events import By


@transaction.atomic
def key() -> Key:
    """The key that signs now; the first is made when it is first asked for. LicetError where its secret is gone."""
    row = SigningKey.objects.filter(retired_s=None).order_by("-made_s", "kid").first()
    return _made() if row is None else _loaded(row)


def sign(kind: Kind, statement: dict[str, object]) -> tuple[str, str]:
    """(the id of the key, the signature) of a statement, by the key that signs now."""
    now = key()
    return now.kid, signature(kind, statement, now)


def keys() -> Keys:
    """The public keys that may be believed."""
    return Keys.of(*(bytes(row.public) for row in _believed()))


def jwks() -> dict[str, object]:
    """The same for other programs (RFC 7517), the one that signs now first; made where there is none yet."""
    if not SigningKey.objects.exists():
        key()
    return {"keys": [jwk(bytes(row.public)) for row in _believed()]}


@transaction.atomic
def rotate(by: By, *, compromised: bool = False) -> SigningKey:
    """Another key signs from now on; the secret of the old one is destroyed.

    What the old one signed stays good, unless it is `compromised`: then nothing of its is believed any more, and what is
    in force is signed anew.
    """
    now = clock.now_s()
    old = list(SigningKey.objects.filter(retired_s=None))
    for row in old:
        row.retired_s, row.compromised_s = now, now if compromised else None
        row.save(update_fields=["retired_s", "compromised_s"])
        transaction.on_commit(partial(data_folder.destroy, config().data, _name(row.kid)))
    made = _made()
    again = (_again({row.kid for row in old}) if compromised else 0) + _late()
    events.record("certificate.key", by, after=made.kid, before=old[0].kid if old else "",
                  how="compromised" if compromised else "rotated", rows=again)  # fmt: skip
    return SigningKey.objects.get(pk=made.kid)


def _late() -> int:
    from licet.portal.certificates import receipts

    return receipts.sign_missing()


def _again(kids: set[str]) -> int:
    """Sign anew what keys that are no longer believed have signed; how many."""
    from licet.portal.certificates import issuing, receipts

    rows = CertificateRow.objects.filter(kid__in=kids, revoked_s=None).exclude(statement="")
    return sum(map(issuing.sign_anew, rows)) + receipts.sign_anew(kids)


def _believed() -> list[SigningKey]:
    found = SigningKey.objects.filter(compromised_s=None).order_by("-made_s", "kid")
    return sorted(found, key=lambda row: row.retired_s is not None)


def _made() -> Key:
    made = Key.of(clock.dice(32))
    data_folder.keep(config().data, _name(made.kid), made.private.private_bytes_raw().hex())
    SigningKey.objects.create(kid=made.kid, public=made.public)
    return made


def _loaded(row: SigningKey) -> Key:
    try:
        seed = data_folder.kept(config().data, _name(row.kid))
        found = Key.of(bytes.fromhex(seed))
    except (OSError, ValueError):
        found = None
    if found is None or found.kid != row.kid:
        raise LicetError(
            "the key that signs certificates is not in the data folder's secrets", where=row.kid,
            mend="restore it from a backup, or `licet certificate rotate`",
        )  # fmt: skip
    return found


def _name(kid: str) -> str:
    return f"certificate-{kid}.key"
