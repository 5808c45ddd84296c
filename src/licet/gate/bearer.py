"""Who does the caller say they are? A bearer, by its SHA-256 alone; or nobody, by a digest of day and address alone.

The bearer is hashed here and goes nowhere else: no log line, no error and no table ever holds it. Cookies are not
looked at. Nothing of an address is stored: an unknown caller is HMAC(key of this server, UTC day, address).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, IPv6Network, ip_address

from licet.access.key import base62, parse
from licet.access.standing import Network, within

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Unfit:
    """An Authorization header that no credential can be found by, in the caller's words."""

    detail: str


def digest_of(authorization: bytes) -> bytes | Unfit:
    """The SHA-256 of the bearer in an Authorization header."""
    scheme, _, bearer = authorization.partition(b" ")
    bearer = bearer.strip()
    if scheme.lower() != b"bearer" or not bearer:
        return Unfit("Send the key as `Authorization: Bearer lic_…`.")
    if bearer.startswith(b"hf_"):
        # Never looked up: a token of another server must not be tried here, and its owner should know where it went.
        return Unfit("This is a Hugging Face token: it was not looked at. Send a key of this server instead.")
    return sha256(bearer).digest()


def mistyped(authorization: bytes) -> bool:
    """Does it look like a key of ours whose checksum is wrong? Asked only once it was not found."""
    bearer = authorization.partition(b" ")[2].strip()
    return bearer.startswith(b"lic_") and parse(bearer.decode("latin-1")) is None


class Strangers:
    """Callers without an account, told apart by day and network. `key` is the server's own secret (`url.key`)."""

    def __init__(self, key: bytes, trusted_proxies: Sequence[Network] = ()) -> None:
        self._key, self._trusted = key, tuple(trusted_proxies)
        self._day, self._known = 0, dict[str, str]()

    def holder_id(self, peer: str, headers: Mapping[bytes, bytes], now_s: int) -> str:
        """`anon_…`, the same for one address (one /64 in IPv6) all day long, and another one tomorrow."""
        address = self.address(peer, headers.get(b"x-forwarded-for", b""))
        day = now_s // DAY_S
        if day != self._day or len(self._known) > 100_000:
            self._day, self._known = day, {}
        found = self._known.get(address)
        if found is None:
            mac = hmac.digest(self._key, b"%d %s" % (day, _network(address).encode()), "sha256")
            found = self._known[address] = "anon_" + base62(int.from_bytes(mac[:16]), 22)
        return found

    def address(self, peer: str, forwarded: bytes) -> str:
        """Where the call comes from: the last hop that is no trusted proxy. Only a trusted proxy's word is taken."""
        if not forwarded or not self._trusts(peer):
            return peer
        for hop in reversed(forwarded.decode("latin-1").split(",")):
            address = hop.strip().strip("[]")
            try:
                ip_address(address)
            except ValueError:
                return peer  # an honest proxy writes addresses
            if not self._trusts(address):
                return address
            peer = address
        return peer

    def _trusts(self, address: str) -> bool:
        return bool(self._trusted) and within(address, self._trusted)


def _network(address: str) -> str:
    """The address itself; of an IPv6 address its /64, which is one customer's."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(IPv6Network((int(ip) >> 64 << 64, 64)))
    return str(ip)
