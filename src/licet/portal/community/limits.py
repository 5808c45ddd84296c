"""How often may one person write? Counted in the rows themselves: a restart forgets nothing."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from django.db.models import Model
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from licet.errors import LicetError
from licet.portal import clock
from licet.portal.community.models import Answer, Code, Question, Report, Writer

HOUR_S: Final = 3_600
DAY_S: Final = 24 * HOUR_S
MOST: Final[Mapping[type[Model], tuple[tuple[int, int], ...]]] = {  # (how many, in how long)
    Question: ((5, HOUR_S), (15, DAY_S)),
    Answer: ((20, HOUR_S), (80, DAY_S)),
    Report: ((10, HOUR_S), (30, DAY_S)),
}
CODES_AN_ADDRESS = 5  # an hour
CODES_AN_ORIGIN = 20  # an hour: so many new names can come from one network


class TooMany(LicetError):
    """Answered with 429."""


def check(writer: Writer, kind: type[Question | Answer | Report]) -> None:
    """TooMany when the writer wrote as much as is allowed for now."""
    now = clock.now_s()
    for most, window_s in MOST[kind]:
        if kind.objects.filter(writer=writer, made_s__gt=now - window_s).count() >= most:
            wait = _("wait an hour, then go on") if window_s == HOUR_S else _("wait a day")
            raise TooMany(_("that is a lot at once"), mend=wait)


def check_codes(email_folded: str, origin: str) -> None:
    """TooMany when this address or this network asked for too many codes."""
    since = clock.now_s() - HOUR_S
    recent = Code.objects.filter(made_s__gt=since)
    if (
        recent.filter(email_folded=email_folded).count() >= CODES_AN_ADDRESS
        or recent.filter(origin=origin).count() >= CODES_AN_ORIGIN
    ):
        raise TooMany(_("too many codes were asked for"), mend=_("wait an hour, or use the last code that was sent"))


def origin(address: str) -> str:
    """A digest of the network and the day: it counts, and tells nobody where somebody was."""
    ip = ip_address(address)
    network = ip_network(f"{ip}/64", strict=False) if isinstance(ip, IPv6Address) else ip_network(f"{ip}/32")
    day = clock.now_s() // DAY_S
    return salted_hmac("community.origin", f"{day} {network}", algorithm="sha256").hexdigest()


def digest(email_folded: str, code: str) -> str:
    """What is kept of a code: of no use without the server's key."""
    told = sha256(f"{email_folded}\n{code.upper().replace('-', '').strip()}".encode()).hexdigest()
    return salted_hmac("community.code", told, algorithm="sha256").hexdigest()
