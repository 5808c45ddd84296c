"""Through which organizations did this session sign in? Kept in the session, for a day: then the server is asked again."""

from __future__ import annotations

from typing import Any

from licet.portal import clock

LASTS_S = 24 * 3600
KEY, COMING = "signed_on", "signing_on"
WAITS_S = 15 * 60  # as long as a second factor may take after the sign-in server has said yes


def of(session: Any) -> frozenset[str]:
    """The ids of the connections that still count."""
    now = clock.now_s()
    return frozenset(pk for pk, at_s in session.get(KEY, {}).items() if at_s + LASTS_S > now)


def add(session: Any, connection_id: str) -> None:
    session[KEY] = {**session.get(KEY, {}), connection_id: clock.now_s()}


def hold(session: Any, told: dict[str, Any]) -> None:
    """What the sign-in server said, until the log-in is whole: a second factor may come between."""
    session[COMING] = {**told, "at_s": clock.now_s()}


def take(session: Any) -> dict[str, Any] | None:
    """What `hold` kept, once, and not for long."""
    told: dict[str, Any] | None = session.pop(COMING, None)
    return told if told is not None and told["at_s"] + WAITS_S > clock.now_s() else None
