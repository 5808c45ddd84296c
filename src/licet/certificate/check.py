"""Does this certificate hold, here and now? Everything that can be known from the file, the keys, a list and a clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from licet.certificate.certificate import Certificate, rfc3339
from licet.certificate.keys import Keys
from licet.certificate.revocations import Revocations
from licet.certificate.seal import Broken, Why, opened

type Code = (
    Why
    | Literal[
        "", "not_yet", "expired", "revoked", "revocations_stale", "revocations_of_another", "other_release",
        "other_version", "other_component",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer. `code` is "" exactly when it holds. `certificate` is there whenever its signature was good."""

    code: Code
    detail: str
    certificate: Certificate | None = None
    kid: str = ""
    revocations_s: int | None = None  # as of when a list of revocations was looked at; None: none was

    @property
    def holds(self) -> bool:
        return self.code == ""


def check(
    body: bytes,
    keys: Keys,
    *,
    now_s: int,
    revocations: Revocations | None = None,
    release: str | None = None,
    version: str | None = None,
    component: str | None = None,
) -> Checked:
    """Was it signed by one of these keys, is it its time, was it taken back, and is it about this component?

    `release`, `version` and `component` are asked about where they are given.
    """
    seal = opened("certificate", body, keys)
    if isinstance(seal, Broken):
        return Checked(seal.code, seal.detail)
    try:
        certificate = Certificate.read(seal.statement)
    except ValueError as wrong:
        return Checked(
            "unreadable", f"It is signed, and no certificate that this version reads: {wrong}.", kid=seal.kid
        )
    code, detail = _now(certificate, now_s, revocations)
    if not code:
        code, detail = _about(certificate, release, version, component)
    as_of = revocations.issued_s if revocations else None
    return Checked(code, detail or _holds(certificate), certificate, seal.kid, as_of)


def _now(certificate: Certificate, now_s: int, revocations: Revocations | None) -> tuple[Code, str]:
    if revocations is not None and certificate.issuer not in revocations.issuers:
        return "revocations_of_another", f"The list of revocations is that of {', '.join(revocations.issuers)}."
    if revocations is not None and certificate.id in revocations.revoked:
        return "revoked", f"It was taken back on {rfc3339(revocations.revoked[certificate.id])}."
    if now_s < certificate.from_s:
        return "not_yet", f"It holds from {rfc3339(certificate.from_s)} on."
    if certificate.until_s is not None and now_s >= certificate.until_s:
        return "expired", f"It ended at {rfc3339(certificate.until_s)}."
    if revocations is not None and now_s >= revocations.expires_s:
        return (
            "revocations_stale",
            f"The list of revocations ended at {rfc3339(revocations.expires_s)}: get a newer one.",
        )
    return "", ""


def _about(
    certificate: Certificate, release: str | None, version: str | None, component: str | None
) -> tuple[Code, str]:
    if release is not None and release != certificate.release:
        return "other_release", f"It is for the release `{certificate.release}`, not `{release}`."
    if version is not None and version != certificate.version:
        return "other_version", f"It is for version {certificate.version}, not {version}."
    if component is not None and component != certificate.component:
        return "other_component", f"It is for the component `{certificate.component}`, not `{component}`."
    return "", ""


def _holds(certificate: Certificate) -> str:
    end = "without end" if certificate.until_s is None else f"until {rfc3339(certificate.until_s)}"
    return (
        f"It holds, {end}: {certificate.holder.name} has `{certificate.component}` of {certificate.release}"
        f" {certificate.version} under {certificate.license.id}."
    )
