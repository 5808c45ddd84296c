"""How many wrong passwords may this server see at all? Beside the limits by address and by account, which are allauth's.

Whoever tries one leaked password on each of a million accounts, from a thousand addresses, stays under both. Past this
many failures in a minute no password is looked at until the next: passkeys, codes by mail and single sign-on go on.
"""

from __future__ import annotations

from django.core.cache import cache

from licet.portal import clock

FAILED_A_MINUTE = 600


def failed() -> None:
    """One more; the count is this process's."""
    cache.add(_now(), 0, 120)
    cache.incr(_now())


def too_many() -> bool:
    return int(cache.get(_now(), 0)) >= FAILED_A_MINUTE


def _now() -> str:
    return f"failed:{clock.now_s() // 60}"
