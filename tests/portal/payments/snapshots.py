"""Any subscription as a provider might have it: for the laws."""

from __future__ import annotations

from hypothesis import strategies as st

from licet.portal.payments.port import STATUSES, Payment, Snapshot, Status

DAY_S = 86_400
START_S = 1_700_000_000


@st.composite
def payments(draw: st.DrawFn, from_s: int | None, until_s: int | None) -> tuple[Payment, ...]:
    kept: list[Payment] = []
    for n in range(draw(st.integers(0, 2))):
        at_s = START_S + draw(st.integers(0, 60)) * DAY_S
        dispute = draw(st.sampled_from(("", "", "", "open", "won", "lost")))
        refunded = draw(st.sampled_from((0, 0, 400, 900)))
        kept.append(
            Payment(
                ref=f"in_{n}",
                state="paid",
                amount_minor=900,
                currency="EUR",
                at_s=at_s,
                from_s=from_s,
                until_s=until_s,
                refunded_minor=refunded,
                refunded_s=at_s + DAY_S if refunded else None,
                dispute=dispute,
                disputed_s=at_s + 2 * DAY_S if dispute else None,
                judged_s=at_s + 9 * DAY_S if dispute in ("won", "lost") else None,
            )
        )
    return tuple(kept)


@st.composite
def snapshots(draw: st.DrawFn, statuses: tuple[Status, ...] = STATUSES, clean: bool = False) -> Snapshot:
    """`clean`: no payment went back, and nothing is paused."""
    status = draw(st.sampled_from(statuses))
    once = status in ("active", "canceled") and draw(st.integers(0, 5)) == 0
    days = st.integers(0, 90)
    from_s = START_S + draw(days) * DAY_S
    until_s = from_s + 30 * DAY_S
    trial_until_s = draw(st.none() | days.map(lambda n: START_S + n * DAY_S))
    if status == "trialing":
        trial_until_s = from_s = until_s
    owes = status in ("past_due", "unpaid")
    cancel_at_s = draw(st.none() | st.just(until_s)) if status != "canceled" else None
    ended_s = START_S + draw(st.integers(0, 130)) * DAY_S if status == "canceled" else None
    paid_until_s = draw(st.sampled_from((from_s, until_s))) if owes or status == "canceled" else until_s
    pause = not clean and not once and draw(st.integers(0, 3)) == 0
    return Snapshot(
        provider="sandbox",
        ref="s_1",
        customer="c_1",
        holder_id="hol_1",
        release="sana",
        tier="premium",
        status=status,
        started_s=START_S,
        interval="once" if once else "month",
        period_from_s=None if once else from_s,
        period_until_s=None if once else until_s,
        paid_until_s=None if once else paid_until_s,
        trial_until_s=None if once else trial_until_s,
        cancel_at_s=None if once else cancel_at_s,
        ended_s=ended_s,
        failed_s=draw(st.none() | st.just(from_s + draw(st.integers(0, 20)) * DAY_S)) if owes else None,
        paused_s=START_S + draw(days) * DAY_S if pause else None,
        resumes_s=draw(st.none() | days.map(lambda n: START_S + n * DAY_S)) if pause else None,
        payments=() if clean else draw(payments(None if once else from_s, None if once else until_s)),
    )
