"""What does a certificate say? Who may do what with which component of which version, until when, under which text.

A value made whole or not at all: `Certificate.read` takes a statement whose signature was checked, and refuses whatever
it does not know: a member that a later format adds may narrow what is allowed.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from time import gmtime, strftime, strptime
from typing import Any

from licet.certificate.written import Wrong, policy_of, written
from licet.terms import Policy

FORMAT = "licet-certificate/1"
_MEMBERS = frozenset({
    "format", "id", "issuer", "licensor", "holder", "release", "version", "document", "component", "license", "terms",
    "from", "until", "issued", "by",
})  # fmt: skip
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who may. `name` is the organization's, or the address of an account."""

    id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class License:
    """The license by its id, and its exact text by SHA-256; "" where the release carries no text of it."""

    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """The licensor's promise. It holds from the second `from_s` until before `until_s`; None: without end.

    `terms` are what the license says of each action, as the issuer read it: they travel with the promise, so that it is
    answered alike everywhere. `by` is what it was issued for: `tier premium`, `product …`, `operator`.
    """

    id: str
    issuer: str
    licensor: str
    holder: Holder
    release: str
    version: str
    document: str
    component: str
    license: License
    terms: Policy
    from_s: int
    until_s: int | None
    issued_s: int
    by: str

    def statement(self) -> dict[str, Any]:
        """What is signed. ValueError for terms that no certificate can carry."""
        return {
            "format": FORMAT,
            "id": self.id,
            "issuer": self.issuer,
            "licensor": self.licensor,
            "holder": {"id": self.holder.id, "kind": self.holder.kind, "name": self.holder.name},
            "release": self.release,
            "version": self.version,
            "document": self.document,
            "component": self.component,
            "license": {"id": self.license.id, "sha256": self.license.sha256 or None},
            "from": rfc3339(self.from_s),
            "until": rfc3339(self.until_s),
            "issued": rfc3339(self.issued_s),
            "by": self.by,
            "terms": written(self.terms),
        }

    @classmethod
    def read(cls, statement: Mapping[str, Any]) -> Certificate:
        """The certificate of a statement. ValueError says what is wrong with it."""
        if statement.get("format") != FORMAT:
            raise Wrong(f"its format is not {FORMAT}: it takes another version of Licet")
        if statement.keys() != _MEMBERS:
            raise Wrong("it lacks a member, or has one too many")
        holder, license = statement["holder"], statement["license"]
        if not _members(holder, "id", "kind", "name") or not _members(license, "id", "sha256"):
            raise Wrong("its holder or its license is incomplete")
        from_s, until_s = seconds(statement["from"]), seconds(statement["until"])
        issued_s = seconds(statement["issued"])
        if from_s is None or issued_s is None or (until_s is not None and until_s <= from_s):
            raise Wrong("it has no time in which it could hold")
        digest = license["sha256"]
        if digest is not None and not (isinstance(digest, str) and _SHA256.fullmatch(digest)):
            raise Wrong("the digest of its license's text is none")
        texts = {name: _text(statement, name) for name in ("id", "issuer", "licensor", "release", "version",
                                                           "document", "component", "by")}  # fmt: skip
        return cls(
            **texts,
            holder=Holder(_text(holder, "id"), _text(holder, "kind"), _text(holder, "name")),
            license=License(_text(license, "id"), digest or ""),
            terms=policy_of(statement["terms"]),
            from_s=from_s,
            until_s=until_s,
            issued_s=issued_s,
        )


def rfc3339(at_s: int | None) -> str | None:
    """`2026-11-23T05:00:00Z`; None stays None."""
    return None if at_s is None else strftime(_MOMENT, gmtime(at_s))


def seconds(text: object) -> int | None:
    """The epoch second of a moment written in full; None stays None. ValueError for any other text."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise Wrong("a moment is a text")
    try:
        at_s = timegm(strptime(text, _MOMENT))
    except (ValueError, OverflowError):
        raise Wrong("a moment is written like 2026-11-23T05:00:00Z") from None
    if rfc3339(at_s) != text:
        raise Wrong("a moment is written in full, in one way")
    return at_s


def _members(told: object, *names: str) -> bool:
    return isinstance(told, dict) and told.keys() == set(names)


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told[name]
    if not isinstance(value, str):
        raise Wrong(f"its `{name}` is no text")
    return value
