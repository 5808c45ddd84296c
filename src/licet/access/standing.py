"""Who is asking, as far as the gate needs to know? The three records that the portal keeps for it.

The portal writes them in the same transaction as the change they follow from; the gate reads them on first use. None
holds a secret: a credential is found by the SHA-256 of the bearer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

from licet.terms import Policy
from licet.terms.clause import Scalar

type Network = IPv4Network | IPv6Network
CredentialKind = Literal["key", "session", "oauth", "ci"]


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `limit` of `meter` in each `period` with one key, inside what its holder's tier has."""

    limit: int
    meter: str
    period: str


@dataclass(frozen=True, slots=True)
class Narrow:
    """What the owner of a credential kept out of it. `None` narrows nothing; `scopes` adds what needs a scope at all."""

    features: frozenset[str] | None = None
    releases: frozenset[str] | None = None
    scopes: frozenset[str] = frozenset()  # "decide", "metrics"
    networks: tuple[Network, ...] | None = None  # where calls may come from
    budgets: tuple[Budget, ...] = ()


@dataclass(frozen=True, slots=True)
class Credential:
    """One bearer. `facts` are what was declared when it was made (`commercial: False`), kept with it."""

    key_id: str  # "key_…", stable over rotation
    holder_id: str  # "hol_…"
    kind: CredentialKind = "key"
    expires_s: int | None = None
    revoked_s: int | None = None
    narrow: Narrow = Narrow()
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    role: Policy | None = None  # of a member or a service account that calls for an organization (`access/role.py`)


@dataclass(frozen=True, slots=True)
class Grant:
    """A *can* of this holder's own beside the tier: `policy` is its Terms, made where the grant is read.

    The rest decides nothing (the terms do): it is what its holder is told of it.
    """

    grant_id: str
    policy: Policy
    quotas: tuple[Budget, ...] = ()
    from_s: int = 0
    until_s: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a holder is to one release.

    `claims`: "account", "tier:free", "tier:research" (held or awaited: `facts["approved:research"]` tells), "suspended".
    `facts`: what Licet knows (`approved:…`, `accepted:…`). `document` is the SHA-256 of the `licet.toml` the tier is held
    at. `anchor_s` is where the holder's months start. `until_s`: stale from then on (None: never).
    `cap_nanos`: what the holder will pay past his quotas in a month, in billionths of the currency's unit (None: no cap).
    """

    holder_id: str
    release: str
    tier: str
    document: str
    claims: frozenset[str]
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    anchor_s: int = 0
    until_s: int | None = None
    grants: tuple[Grant, ...] = ()
    cap_nanos: int | None = None
    cap_currency: str = ""

    def cap_in(self, currency: str) -> int | None:
        """The cap where prices are in this currency. One that was set in another pays for nothing until it is set anew:
        the same number of another coin may be a hundred times as much.
        """
        return self.cap_nanos if self.cap_nanos is None or self.cap_currency in ("", currency) else 0


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the portal's change log: `ref` is its digest or id; of a domain it is its grants that changed."""

    n: int
    what: Literal["credential", "standing", "document", "domain"]
    ref: str


def within(address: str, networks: Iterable[Network]) -> bool:
    """Is the address in one of the networks? What is no address (a socket file's peer) is in none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    ip = ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
    return any(ip in network for network in networks)
