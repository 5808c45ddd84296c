"""Which certificates were taken back before their end? A signed list that says until when it may be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from licet.certificate.certificate import rfc3339, seconds
from licet.certificate.keys import Keys
from licet.certificate.seal import Broken, opened

FORMAT = "licet-revocations/1"
WHERE = "/.well-known/licet-revocations.json"


@dataclass(frozen=True, slots=True)
class Revocations:
    """The list of one issuer, as of `issued_s`. From `expires_s` on it is too old to prove that something still holds.

    `issuers` are the addresses under which it ever issued: a server that moves keeps its promises.
    """

    issuers: tuple[str, ...]
    issued_s: int
    expires_s: int
    revoked: Mapping[str, int]  # the certificate's id -> when

    def statement(self) -> dict[str, Any]:
        """What is signed."""
        rows = [{"id": id, "revoked": rfc3339(at_s)} for id, at_s in sorted(self.revoked.items())]
        return {
            "format": FORMAT,
            "issuers": sorted(self.issuers),
            "issued": rfc3339(self.issued_s),
            "expires": rfc3339(self.expires_s),
            "revoked": rows,
        }


def read_revocations(body: bytes, keys: Keys) -> Revocations | Broken:
    """The list in a file, if one of these keys signed it."""
    seal = opened("revocations", body, keys)
    if isinstance(seal, Broken):
        return seal
    told = seal.statement
    try:
        if told.keys() != {"format", "issuers", "issued", "expires", "revoked"} or told["format"] != FORMAT:
            raise ValueError("another format")
        issued_s, expires_s = seconds(told["issued"]), seconds(told["expires"])
        rows = {row["id"]: seconds(row["revoked"]) for row in told["revoked"]}
        whole = {id: at_s for id, at_s in rows.items() if isinstance(id, str) and at_s is not None}
        issuers = tuple(one for one in told["issuers"] if isinstance(one, str))
        if issued_s is None or expires_s is None or not issuers or whole.keys() != rows.keys():
            raise ValueError("something is missing")
    except (ValueError, KeyError, TypeError) as wrong:
        return Broken("unreadable", f"It is no list of revocations that this version reads ({wrong}).")
    return Revocations(issuers, issued_s, expires_s, whole)
