"""Did Stripe send these bytes, and just now? `Stripe-Signature: t=…,v1=…` over the raw body. Pure.

Several secrets hold while one is rolled, and Stripe itself sends several `v1`: one pair that fits is enough. Compared in
constant time. A time too far off, in either direction, is a replay or a clock that runs wrong.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Literal

TOLERANCE_S = 300
_MOST_SIGNATURES = 16

type Wrong = Literal["", "malformed", "forged", "stale"]


def wrong(body: bytes, header: str, secrets: Iterable[str], now_s: int, tolerance_s: int = TOLERANCE_S) -> Wrong:
    """What is wrong with a signature; "" where nothing is. The time counts only once the signature is known to be real."""
    at = ""
    signatures: list[str] = []
    for part in header.split(",")[: 2 * _MOST_SIGNATURES]:
        name, _, value = part.strip().partition("=")
        if name == "t":
            at = value
        elif name == "v1":
            signatures.append(value)
    if not (at.isascii() and at.isdecimal() and len(at) <= 12) or not signatures:
        return "malformed"
    signed = at.encode() + b"." + body
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    given = [one.encode() for one in signatures[:_MOST_SIGNATURES]]
    if not any(hmac.compare_digest(mine.encode(), one) for mine in expected for one in given):
        return "forged"
    return "" if abs(now_s - int(at)) <= tolerance_s else "stale"
