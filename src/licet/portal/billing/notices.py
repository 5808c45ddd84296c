"""Who has to hear that a quota or a cap is half used, nearly used, used up? Each mark once in a window.

Mail goes out for months; windows of a day are told on the page and to webhooks, or a busy caller had three mails a day.
Of several marks passed at once the highest is told by mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from licet.access import quota as windows
from licet.ledger.ports import Counter
from licet.portal import clock, config, documents, events, ledger_reading, mail
from licet.portal import notices as addresses
from licet.portal.billing import caps
from licet.portal.billing.models import Cap, Told
from licet.portal.models import Held, Holder
from licet.release.policy import SPEND, past

MARKS = (50, 80, 100)
LOUD = 80  # from here on it is an event, and webhooks hear of it
PERIODS = ("day", "month")

_seen: dict[tuple[str, str, str, int], tuple[int, ...]] = {}


@dataclass(frozen=True, slots=True)
class Mark:
    """So much of one quota (or of the cap: `about` "cap") is used in a window."""

    about: str
    window_s: int
    resets_s: int
    percent: int
    used: str
    limit: str
    goes_on: bool  # past it there is a price, and calls go on

    @property
    def by_mail(self) -> bool:
        return self.about == "cap" or windows.period(self.about) == "month"


def look() -> int:
    """Tell whoever passed a mark since the last look; how many marks."""
    told = 0
    for release in documents.releases():
        held = {h.holder_id: h for h in Held.objects.filter(release=release, ended_s=None, holder__deleted_s=None)}
        capped = {c.holder_id: c for c in Cap.objects.filter(release=release)}
        now = clock.now_s()
        least = {counter: -(-limit * MARKS[0] // 100) for counter, limit in _lowest(held.values()).items()}
        for holder_id, counter in ledger_reading.moving(release, now, least | ({SPEND: 1} if capped else {})):
            if counter.window_s > now or holder_id not in held:
                continue
            at, cap = held[holder_id], capped.get(holder_id)
            key = (holder_id, release, counter.meter, counter.window_s)
            seen = (counter.used, at.pk, cap.nanos if cap else -1)
            if _seen.get(key) != seen:
                told += _tell(holder_id, release, tuple(marks(at, cap, counter)))
                _seen[key] = seen
    return told + _ended()


def _lowest(held: Iterable[Held]) -> dict[str, int]:
    """The lowest limit of each counter in the tiers that anybody holds: below half of it nobody has passed a mark."""
    found: dict[str, int] = {}
    for document, name in {(h.document, h.tier) for h in held}:
        tier = documents.read(document).tier(name)
        for quota in tier.quotas if tier else ():
            found[quota.counter] = min(quota.limit, found.get(quota.counter, quota.limit))
    return found


def marks(held: Held, cap: Cap | None, counter: Counter) -> Iterator[Mark]:
    """The marks that a counter has passed, lowest first."""
    if counter.meter == SPEND:
        if cap is not None and cap.nanos:
            used, limit = caps.words(counter.used, cap.currency), caps.words(cap.nanos, cap.currency)
            yield from _passed("cap", counter, cap.nanos, used, limit, False)
        return
    tier = documents.read(held.document).tier(held.tier)
    quota = next((q for q in tier.quotas if q.counter == counter.meter), None) if tier else None
    if tier is not None and quota is not None and quota.period in PERIODS:
        unit = f"{quota.meter} / {quota.period}"
        goes_on = bool(past(tier, (quota,)))
        yield from _passed(quota.counter, counter, quota.limit, f"{counter.used:,}", f"{quota.limit:,} {unit}", goes_on)


def _passed(about: str, counter: Counter, limit: int, used: str, of: str, goes_on: bool) -> Iterator[Mark]:
    for percent in MARKS:
        if counter.used * 100 >= limit * percent:
            yield Mark(about, counter.window_s, counter.resets_s, percent, used, of, goes_on)


def _tell(holder_id: str, release: str, passed: tuple[Mark, ...]) -> int:
    """Once: a row that is there already says that it was told."""
    with transaction.atomic():
        new = [mark for mark in passed if _is_new(holder_id, release, mark.about, mark.window_s, mark.percent)]
        holder = Holder.objects.get(pk=holder_id) if new else None
        for mark in new:
            if mark.percent >= LOUD:
                events.record("quota.reached", events.LICET, holder, release, about=mark.about, percent=mark.percent,
                              from_s=mark.window_s, until_s=mark.resets_s)  # fmt: skip
        if new and new[-1].by_mail:
            transaction.on_commit(partial(_mail, holder_id, release, new[-1]))
    return len(new)


def _is_new(holder_id: str, release: str, about: str, window_s: int, percent: int) -> bool:
    _, new = Told.objects.get_or_create(
        holder_id=holder_id, release=release, about=about, window_s=window_s, percent=percent
    )
    return new


def _mail(holder_id: str, release: str, mark: Mark) -> None:
    holder = Holder.objects.select_related("account").get(pk=holder_id)
    what = _("spending cap") if mark.about == "cap" else _("quota")
    told = {"percent": mark.percent, "what": what, "release": release}
    subject = _("%(percent)s %% of your %(what)s for %(release)s is used") % told
    url = f"{config.current().url}{page(holder)}"
    mail.send(subject, "use", addresses.of(holder), {"mark": mark, "release": release, "what": what, "url": url})


def page(holder: Holder) -> str:
    """Where a holder reads of its use."""
    return "/my/usage" if holder.account is not None else f"/my/organizations/{holder.pk}/usage"


def _ended() -> int:
    """Tiers that ended by themselves: no job lapses them, but webhooks have to hear of it, once."""
    told = 0
    for held in Held.objects.filter(ended_s=None, until_s__lte=clock.now_s(), holder__deleted_s=None):
        with transaction.atomic():
            if _is_new(held.holder_id, held.release, f"tier:{held.pk}", held.until_s or 0, 100):
                events.record(
                    "tier.ended", events.LICET, held.holder, held.release, tier=held.tier, until_s=held.until_s
                )
                told += 1
    return told
