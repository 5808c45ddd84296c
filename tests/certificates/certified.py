"""Certificates for tests: made of whole cloth, signed with keys of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from licet.certificate import Certificate, Holder, Key, Keys, License, sealed
from licet.certificate.seal import signature
from licet.terms import Clause, Says, Terms

KEY, OTHER = Key.of(b"\x01" * 32), Key.of(b"\x02" * 32)
KEYS = Keys.of(KEY.public)
FROM_S, UNTIL_S = 1_790_000_000, 1_792_592_000
USE = Clause(Says.CAN, frozenset({"use", "modify"}), cite="licet.toml@3f2a9c:41")
NAMED = Clause(Says.MUST, frozenset({"distribute"}), duty="Name the lab.", cite="licet.toml@3f2a9c:42")

SAMPLE = Certificate(
    id="cert_1",
    issuer="https://models.example.org",
    licensor="Example Lab",
    holder=Holder("hol_1", "organization", "Whale Watch"),
    release="sana",
    version="1.2.0",
    document="3f2a9c" + "0" * 58,
    component="weights",
    license=License("LicenseRef-Example-Commercial-1.0", "ab" * 32),
    terms=Terms("LicenseRef-Example-Commercial-1.0", (USE, NAMED)),
    from_s=FROM_S,
    until_s=UNTIL_S,
    issued_s=FROM_S,
    by="tier premium",
)


def file(certificate: Certificate = SAMPLE, key: Key = KEY, **changed: Any) -> bytes:
    """The certificate as a file, signed."""
    told = replace(certificate, **changed).statement()
    return sealed("certificate", told, signature("certificate", told, key))
