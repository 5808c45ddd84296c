"""How does a moment read at the edge? RFC 3339 in UTC, with `Z`."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(at_s: int) -> str:
    """`2026-11-23T04:37:00Z`."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
