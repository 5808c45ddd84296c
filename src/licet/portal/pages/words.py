"""How are amounts, limits and moments written on a page? As in `licet.toml`, with figures that a reader can group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licet.release.release import Price, Quota, Rate
from licet.terms.english import ENGLISH
from licet.terms.plain import price_words

_WINDOWS = {60: "minute", 3_600: "hour", 86_400: "day"}


class _Catalogue(Mapping[str, str]):
    """The words of `terms/english.py`, each through gettext: a page speaks the reader's language where there is one."""

    def __getitem__(self, key: str) -> str:
        return _(ENGLISH[key])

    def __iter__(self) -> Iterator[str]:
        return iter(ENGLISH)

    def __len__(self) -> int:
        return len(ENGLISH)


CATALOGUE: Mapping[str, str] = _Catalogue()


def figure(number: int) -> str:
    """`100,000`."""
    return f"{number:,}"


def price(value: Price) -> str:
    """`9.00 EUR / month`, `5.00 EUR once`."""
    if value.unit == "once":
        return _("%(amount)s once") % {"amount": price_words(value.micros, value.currency)}
    return price_words(value.micros, value.currency, value.per, value.unit)


def quota(value: Quota) -> str:
    """`1,000 calls / month`, and which features it counts when it does not count all."""
    text = f"{figure(value.limit)} {value.meter} / {value.period}"
    if value.features is None:
        return text
    return _("%(quota)s for %(features)s") % {"quota": text, "features": ", ".join(sorted(value.features))}


def rate(value: Rate) -> str:
    """`60 / minute`."""
    return f"{figure(value.limit)} / {_WINDOWS.get(value.window_s) or f'{figure(value.window_s)} s'}"


def at_a_time(number: int) -> str:
    return ngettext("%(n)s call", "%(n)s calls", number) % {"n": figure(number)}


def day(at_s: int) -> str:
    """`1 January 2028`: terms turn at midnight UTC, so a date of theirs is shown in UTC for everybody."""
    return date_format(datetime.fromtimestamp(at_s, UTC), "j F Y")


def moment(at_s: int) -> str:
    """`23 November 2026, 04:55 UTC`."""
    return date_format(datetime.fromtimestamp(at_s, UTC), "j F Y, H:i") + " UTC"
