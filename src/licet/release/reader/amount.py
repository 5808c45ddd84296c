"""The small grammars of amounts: `1000 calls / month`, `60 / minute`, `9.00 EUR / month`, `0.40 EUR / 1000 calls`.

Each reader gives integers or raises `AmountError` with the mend. A price becomes millionths of the currency's unit by
its digits alone: no float ever sees it.
"""

from __future__ import annotations

import re
from typing import cast, get_args

from licet.errors import closest
from licet.release.reader.spelling import shown
from licet.release.release import Meter, Period

METERS: tuple[Meter, ...] = get_args(Meter)
PERIODS: tuple[Period, ...] = get_args(Period)
RATES = {"second": 1, "minute": 60, "hour": 3600}
PAID = ("month", "year", "once")
# Currencies without cents, and those with thousandths (ISO 4217); every other one has hundredths.
DECIMALS = dict.fromkeys(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
MOST = 10**15  # any count, and any price in millionths: sums of many still fit 64 bits

_COUNT = r"(?P<count>[0-9]+(?:_[0-9]+)*)"
_MONEY = r"(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]{1,6}))?[ ]+(?P<currency>[A-Z]{3})"
_QUOTA = re.compile(rf"{_COUNT}[ ]+(?P<meter>[^\s/]+)[ ]*/[ ]*(?P<period>[^\s/]+)")
_RATE = re.compile(rf"{_COUNT}(?:[ ]+calls)?[ ]*/[ ]*(?P<period>[^\s/]+)")
_PRICE = re.compile(rf"{_MONEY}(?:[ ]*/[ ]*(?P<unit>[^\s/]+)|[ ]+(?P<once>once))")
_COUPON = re.compile(
    r"(?P<code>[A-Z0-9][A-Z0-9-]{1,31})[ ]+(?P<percent>[0-9]{1,3})[ ]*%(?:[ ]+for[ ]+(?P<months>[0-9]{1,3})[ ]+months?)?"
)
_OVERAGE = re.compile(rf"{_MONEY}[ ]*/[ ]*{_COUNT}[ ]+(?P<meter>[^\s/]+)")


class AmountError(ValueError):
    """An amount that cannot be read: the message says why, `mend` what would be right."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.mend = mend


def quota(text: str) -> tuple[int, Meter, Period]:
    """`1000 calls / month` -> (1000, "calls", "month")."""
    read = _QUOTA.fullmatch(text)
    if read is None:
        raise AmountError(f"cannot read the quota {shown(text)}", "write it like `1000 calls / month`, no commas")
    limit, meter, period = _count(read["count"], "a quota"), _meter(read["meter"]), read["period"]
    if period not in PERIODS:
        raise AmountError(f"unknown period {shown(period)} in a quota", closest(period, PERIODS))
    return limit, meter, cast(Period, period)


def rate(text: str) -> tuple[int, int]:
    """`60 / minute` -> (60, 60): so many calls, in so many seconds."""
    read = _RATE.fullmatch(text)
    if read is None:
        raise AmountError(f"cannot read the rate {shown(text)}", "write it like `60 / minute`")
    if (period := read["period"]) not in RATES:
        mend = "count by the day or month with `quota`" if period in PERIODS else closest(period, RATES)
        raise AmountError(f"a rate has no period {shown(period)}", mend)
    return _count(read["count"], "a rate"), RATES[period]


def price(text: str) -> tuple[int, str, str]:
    """`9.00 EUR / month` -> (9_000_000, "EUR", "month")."""
    read = _PRICE.fullmatch(text)
    if read is None:
        raise AmountError(
            f"cannot read the price {shown(text)}", "write it like `9.00 EUR / month` or `490.00 EUR once`"
        )
    unit = read["unit"] or read["once"]
    if unit not in PAID:
        raise AmountError(f"a price has no period {shown(unit)}", closest(unit, PAID))
    micros, currency = _micros(read), read["currency"]
    digits = DECIMALS.get(currency, 2)
    if micros % 10 ** (6 - digits):
        coin = f"{digits} digits behind the point" if digits else "no digits behind the point"
        raise AmountError(f"nobody can pay {shown(text)}", f"{currency} has {coin}")
    return micros, currency, unit


def coupon(text: str) -> tuple[str, int, int | None]:
    """`LAUNCH 20 % for 3 months` -> ("LAUNCH", 20, 3); without months it lasts as long as the tier is held."""
    read = _COUPON.fullmatch(text)
    if read is None:
        raise AmountError(f"cannot read the coupon {shown(text)}", "write it like `LAUNCH 20 % for 3 months`")
    percent, months = int(read["percent"]), int(read["months"]) if read["months"] else None
    if not 1 <= percent <= 100 or months == 0:
        raise AmountError(f"the coupon {shown(text)} takes nothing off, or too much", "1 to 100 %, for 1 month or more")
    return read["code"], percent, months


def overage(text: str) -> tuple[int, str, int, Meter]:
    """`0.40 EUR / 1000 calls` -> (400_000, "EUR", 1000, "calls")."""
    read = _OVERAGE.fullmatch(text)
    if read is None:
        raise AmountError(f"cannot read the overage {shown(text)}", "write it like `0.40 EUR / 1000 calls`")
    return _micros(read), read["currency"], _count(read["count"], "an overage"), _meter(read["meter"])


def _count(digits: str, what: str) -> int:
    plain = digits.replace("_", "").lstrip("0")
    if not plain:
        raise AmountError(f"{what} of 0 allows nothing", "leave it out, or leave the feature out of the tier")
    if len(plain) > 15:
        raise AmountError(f"{what} of {shown(digits)} is too large", f"at most {MOST - 1}")
    return int(plain)


def _meter(word: str) -> Meter:
    if word not in METERS:
        raise AmountError(f"unknown meter {shown(word)}", closest(word, METERS))
    return word


def _micros(read: re.Match[str]) -> int:
    digits = (read["whole"] + (read["part"] or "").ljust(6, "0")).lstrip("0")
    if not digits:
        raise AmountError("a price of 0 is no price", "leave it out")
    if len(digits) > 15:
        raise AmountError("a price this large cannot be meant", "at most 999999999")
    return int(digits)
