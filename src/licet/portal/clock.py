"""What time is it, and where do the portal's dice fall? The one place that asks; a test turns both."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

from licet.access import key

source_ns = time.time_ns  # a test puts another clock here


def now_s() -> int:
    return source_ns() // 1_000_000_000


def now_ms() -> int:
    return source_ns() // 1_000_000


def dice(size: int) -> bytes:
    return secrets.token_bytes(size)


def new_id(prefix: str) -> str:
    """A UUIDv7 in base62 behind a prefix: `hol_…`, sorted by the moment it was made."""
    return key.new_id(prefix, now_ms(), dice)


def rfc3339(at_s: int | None) -> str | None:
    """`2026-11-23T05:00:00Z`; None stays None."""
    return None if at_s is None else datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
