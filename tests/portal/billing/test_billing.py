"""Caps, bills, notices and the outbox of use, over the portal's own tables and a real ledger."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licet.access import quota
from licet.access.spend import NANOS
from licet.errors import LicetError
from licet.ledger.ports import Call, Held, Take
from licet.ledger.sqlite import SqliteLedger
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory

ELASTIC = b"""
[[tier]]
name = "elastic"
features = ["*"]
quota = ["10 calls / month", "4 units / day"]
overage = ["0.50 EUR / 1 calls"]
"""


@dataclass(slots=True)
class Somebody:
    """A holder with a tier, a ledger to use it with, and a clock."""

    holder: Any
    ledger: SqliteLedger
    hands: Any
    n: int = 0

    def use(self, calls: int = 1, units: int = 0, spend: int = 0) -> list[str]:
        from licet.portal import tiers

        held = tiers.current(self.holder, "sana")
        assert held is not None
        now, ids = self.hands.at_s, []
        month, day = quota.window("month", now, held.anchor_s), quota.window("day", now)
        verdict = json.dumps({"because": [], "document": held.document, "tier": held.tier}, separators=(",", ":"))
        for _ in range(calls):
            self.n += 1
            takes = [
                Take(self.holder.pk, "sana", "calls/month", month.start_s, month.end_s, 1, None),
                Take(self.holder.pk, "sana", "units/day", day.start_s, day.end_s, units, None),
                Take(self.holder.pk, "sana", "spend/month", month.start_s, month.end_s, spend, None),
            ]
            call = Call(f"call_{self.n:05}", self.holder.pk, "sana", "basic", "key_1", now, verdict)
            assert isinstance(self.ledger.hold(call, takes, now, 60), Held)
            self.ledger.settle(call.call_id, None, now)
            ids.append(call.call_id)
        return ids


@pytest.fixture
def somebody(portal: PortalConfig, hands: Any, tmp_path: Path) -> Iterator[Somebody]:
    from tests.portal.conftest import LICET

    from licet.portal import accounts, documents, events, tiers
    from licet.portal.billing import meters, notices

    meters._seen.clear()
    notices._seen.clear()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{portal.ledger_file}{suffix}").unlink(missing_ok=True)
    documents.publish(LICET + ELASTIC, events.COMMAND, folder=tmp_path)
    holder = accounts.create("ada@example.org", None, events.COMMAND)
    tiers.give(holder, "sana", "elastic", events.COMMAND)
    ledger = SqliteLedger(portal.ledger_file, process_id="test")
    yield Somebody(holder, ledger, hands)
    ledger.close()


def page(client: Any, path: str, **post: str) -> Any:
    return client.post(path, post) if post else client.get(path)


@pytest.fixture
def browser(somebody: Somebody) -> Any:
    from django.test import Client

    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(somebody.holder.account, backend="licet.portal.adapter.ByEmail")
    return client


# --- caps


def test_a_cap_reaches_the_gate_with_the_change_that_it_follows(somebody: Somebody, directory: SqliteDirectory) -> None:
    from licet.portal import events
    from licet.portal.billing import caps

    before = directory.last_change()
    assert directory.standing(somebody.holder.pk, "sana").cap_nanos is None  # type: ignore[union-attr]
    caps.put(somebody.holder, "sana", 25 * NANOS, events.COMMAND)
    assert directory.standing(somebody.holder.pk, "sana").cap_nanos == 25 * NANOS  # type: ignore[union-attr]
    assert [(c.what, c.ref) for c in directory.changes(before)] == [("standing", somebody.holder.pk)]
    caps.remove(somebody.holder, "sana", events.COMMAND)
    assert directory.standing(somebody.holder.pk, "sana").cap_nanos is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text, nanos", [("25", 25 * NANOS), ("0", 0), ("0.000001", 1000), ("1,50 eur", 3 * NANOS // 2)]
)
def test_an_amount_is_read_by_its_digits(text: str, nanos: int) -> None:
    from licet.portal.billing import caps

    assert caps.read(text, "EUR") == nanos


@pytest.mark.parametrize("text", ["", "-1", "1e3", "25 USD", "25.0000001", "١٢", "NaN", "9" * 10])
def test_what_is_no_amount_is_refused(text: str) -> None:
    from licet.portal.billing import caps

    with pytest.raises(LicetError):
        caps.read(text, "EUR")


def test_the_page_sets_a_cap_and_takes_it_away(somebody: Somebody, browser: Any) -> None:
    from licet.portal.billing import caps

    page(browser, "/my/cap", release="sana", amount="12.50")
    row = caps.of(somebody.holder, "sana")
    assert row is not None and row.nanos == 12_500_000_000
    assert "Cap: 12.50 EUR a month" in page(browser, "/my/usage").content.decode()
    said = browser.post("/my/cap", {"release": "sana", "amount": "a lot"}, follow=True).content.decode()
    assert "is not an amount of money" in said
    assert caps.of(somebody.holder, "sana") is not None
    page(browser, "/my/cap", release="sana", amount="12.50", none="1")
    assert caps.of(somebody.holder, "sana") is None
    assert page(browser, "/my/cap", release="nothing", amount="1").status_code == 404


def test_a_program_sets_the_cap_of_its_own_holder(somebody: Somebody) -> None:
    from django.test import Client

    from licet.portal import events, keys

    key = keys.make(somebody.holder, "k", events.COMMAND, declared={"commercial": False}).secret.reveal()
    head = {"Authorization": f"Bearer {key}"}
    client = Client(HTTP_HOST="localhost:8000")
    assert client.get("/v1/cap").status_code == 401
    assert client.get("/v1/cap", headers=head).json()["amount"] is None
    told = client.post("/v1/cap", {"amount": "3.00 EUR"}, content_type="application/json", headers=head).json()
    assert (told["amount"], told["cap_nanos"], told["currency"]) == ("3.00 EUR", 3 * NANOS, "EUR")
    wrong = client.post("/v1/cap", {"amount": "3.00 USD"}, content_type="application/json", headers=head)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_input")
    lower = client.post("/v1/cap", {"amount": "2"}, content_type="application/json", headers=head)
    assert lower.json()["amount"] == "2.00 EUR"
    for more in ("", "2.01"):  # whoever found the key must not be able to spend more
        no = client.post("/v1/cap", {"amount": more}, content_type="application/json", headers=head)
        assert (no.status_code, no.json()["code"]) == (403, "not_allowed")
    client.force_login(somebody.holder.account, backend="licet.portal.adapter.ByEmail")
    assert client.post("/v1/cap", {"amount": ""}, content_type="application/json").json()["amount"] is None


def test_a_cap_in_another_currency_than_the_releases_pays_for_nothing_until_it_is_set_anew(
    somebody: Somebody, directory: SqliteDirectory
) -> None:
    from licet.portal import events
    from licet.portal.billing import caps

    caps.put(somebody.holder, "sana", 25 * NANOS, events.COMMAND)
    standing = directory.standing(somebody.holder.pk, "sana")
    assert standing is not None
    assert (standing.cap_in("EUR"), standing.cap_in("JPY")) == (25 * NANOS, 0)


@pytest.mark.parametrize(
    "nanos, currency, said", [(900 * NANOS, "JPY", "900 JPY"), (1, "JPY", "1 JPY"), (NANOS, "KWD", "1.000 KWD")]
)
def test_a_cap_is_told_in_the_coins_of_its_currency(nanos: int, currency: str, said: str) -> None:
    from licet.portal.billing import caps

    assert caps.words(nanos, currency) == said


@given(
    st.lists(st.tuples(st.integers(0, 29), st.integers(0, 500)), max_size=20, unique_by=lambda pair: pair[0]),
    st.integers(0, 10**6),
    st.integers(0, 30),
)
def test_the_line_of_a_month_only_climbs_and_stays_in_its_box(
    counts: list[tuple[int, int]], limit: int, now: int
) -> None:
    from licet.portal.my.plot import HEIGHT, WIDTH, climb

    drawn = climb([(day * 86_400, units) for day, units in counts], 0, 30 * 86_400, now * 86_400, limit)
    corners = [tuple(map(int, one.split(","))) for one in drawn.line.split()]
    heights = [y for _, y in corners]
    assert heights == sorted(heights, reverse=True)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in corners) and 0 <= drawn.limit_y <= HEIGHT
    assert drawn.used == sum(units for _, units in counts)


# --- bills


def test_a_bill_is_made_once_a_day_after_the_month_and_never_again(somebody: Somebody, browser: Any) -> None:
    from licet.portal.billing import invoices
    from licet.portal.billing.models import Invoice

    somebody.use(13)
    assert invoices.issue() == 0
    assert "1.50 EUR so far" in page(browser, "/my/usage").content.decode()
    somebody.hands.forward(32 * 86_400)
    assert invoices.issue() == 1
    assert invoices.issue() == 0
    row = Invoice.objects.get()
    assert row.totals == {"EUR": 150}
    assert [(ln["counter"], ln["used"], ln["past"]) for ln in row.lines] == [
        ("calls/month", 13, 3),
        ("units/day", 0, 0),
    ]
    told = page(browser, f"/my/invoices/sana/{row.from_s}").content.decode()
    assert "1.50 EUR" in told and row.pk in told
    from licet.portal.payments import report

    assert [(bills, owed) for _month, bills, owed in report.used()] == [(1, "1.50 EUR")]
    assert "final" in page(browser, "/my/invoices").content.decode()


def test_the_csv_has_every_line_as_integers(somebody: Somebody, browser: Any) -> None:
    from licet.portal import tiers
    from licet.portal.billing import reading

    somebody.use(12, units=1)
    held = tiers.current(somebody.holder, "sana")
    assert held is not None
    period = reading.running(held)
    answer = page(browser, f"/my/invoices/sana/{period.from_s}?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert answer["Content-Type"].startswith("text/csv")
    (calls,) = [r for r in rows if r["counter"] == "calls/month"]
    assert (calls["used"], calls["included"], calls["past_the_quota"]) == ("12", "10", "2")
    assert (calls["amount_minor"], calls["amount"], calls["currency"]) == ("100", "1.00", "EUR")


def test_a_stranger_sees_nobodys_bill(somebody: Somebody) -> None:
    from django.test import Client

    from licet.portal import accounts, events

    somebody.use(11)
    other = accounts.create("eve@example.org", None, events.COMMAND)
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(other.account, backend="licet.portal.adapter.ByEmail")
    from licet.portal import tiers
    from licet.portal.billing import reading

    held = tiers.current(somebody.holder, "sana")
    assert held is not None
    told = client.get(f"/my/invoices/sana/{reading.running(held).from_s}")
    assert told.status_code == 404 or "0.50 EUR" not in told.content.decode()
    assert Client(HTTP_HOST="localhost:8000").get("/my/invoices").status_code == 302


def test_a_server_that_was_off_bills_what_was_used_before(somebody: Somebody) -> None:
    from licet.portal.billing import invoices
    from licet.portal.billing.models import Invoice

    for _ in range(2):
        somebody.use(11)
        somebody.hands.forward(31 * 86_400)
    somebody.hands.forward(5 * 86_400)
    assert invoices.issue() == 2
    assert [row.totals for row in Invoice.objects.order_by("from_s")] == [{"EUR": 50}, {"EUR": 50}]


# --- notices


def mails(config: PortalConfig) -> list[str]:
    return [path.read_text() for path in sorted(config.mail_dir.glob("*.eml"))]


def test_each_mark_is_told_once_a_window_and_the_highest_by_mail(somebody: Somebody, portal: PortalConfig) -> None:
    from licet.portal.billing import notices
    from licet.portal.billing.models import Told
    from licet.portal.models import Event

    before = len(mails(portal))
    somebody.use(4)
    assert notices.look() == 0
    somebody.use(1)
    assert (notices.look(), notices.look()) == (1, 0)
    notices._seen.clear()  # another process looks at it for the first time
    assert notices.look() == 0
    somebody.use(5)
    assert notices.look() == 2
    assert sorted(Told.objects.filter(about="calls/month").values_list("percent", flat=True)) == [50, 80, 100]
    said = sorted(mails(portal)[before:], key=lambda one: "100 %" in one)
    assert ["50 %" in one for one in said] == [True, False] and "100 %" in said[1] and "Calls go on" in said[1]
    loud = Event.objects.filter(what="quota.reached").order_by("id")
    assert [e.detail["percent"] for e in loud] == [80, 100]
    somebody.hands.forward(32 * 86_400)
    somebody.use(5)
    assert notices.look() == 1


def test_the_cap_has_marks_of_its_own(somebody: Somebody, portal: PortalConfig) -> None:
    from licet.portal import events
    from licet.portal.billing import caps, notices

    somebody.use(1, spend=9 * NANOS)
    notices.look()
    caps.put(somebody.holder, "sana", 10 * NANOS, events.COMMAND)
    before = len(mails(portal))
    assert notices.look() == 2
    (said,) = mails(portal)[before:]
    assert "80 %" in said and "9.00 EUR of 10.00 EUR" in said


def test_a_day_is_told_without_a_mail(somebody: Somebody, portal: PortalConfig) -> None:
    from licet.portal.billing import notices

    before = len(mails(portal))
    somebody.use(1, units=4)
    assert notices.look() == 3
    assert mails(portal)[before:] == []


def test_a_tier_that_ends_by_itself_is_told_once(somebody: Somebody) -> None:
    from licet.portal import events, tiers
    from licet.portal.billing import notices
    from licet.portal.models import Event

    tiers.give(somebody.holder, "sana", "premium", events.COMMAND, until_s=somebody.hands.at_s + 100)
    assert notices.look() == 0
    somebody.hands.forward(100)
    assert (notices.look(), notices.look()) == (1, 0)
    assert Event.objects.get(what="tier.ended").detail["tier"] == "premium"


# --- what the provider is told


class Desk:
    """A provider that counts what it is told by identifier, and can be away."""

    name, test = "desk", True

    def __init__(self) -> None:
        self.counted: dict[str, tuple[str, str, int]] = {}
        self.heard = 0
        self.fault: Exception | None = None

    def report_usage(self, customer: str, meter: str, units: int, at_s: int, identifier: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.heard += 1
        self.counted.setdefault(identifier, (customer, meter, units))


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, somebody: Somebody) -> Desk:
    from licet.portal.payments import providers
    from licet.portal.payments.models import Subscription

    told = Desk()
    monkeypatch.setattr(providers, "named", {"desk": told}.get)
    Subscription.objects.create(
        provider="desk", ref="sub_1", customer="cus_1", holder=somebody.holder, release="sana", tier="elastic",
        interval="month", currency="EUR", status="active", started_s=somebody.hands.at_s,
    )  # fmt: skip
    return told


def test_calls_past_the_quota_are_told_once_each_by_an_id_of_their_own(somebody: Somebody, desk: Desk) -> None:
    from licet.portal.billing import meters

    within, past = somebody.use(10), somebody.use(3)
    assert (meters.gather(), meters.gather()) == (3, 0)
    meters._seen.clear()  # as after a start
    assert meters.gather() == 0
    assert (meters.send(), meters.send()) == (3, 0)
    assert {name.split("-")[0] for name in desk.counted} == set(past)
    assert set(desk.counted.values()) == {("cus_1", "sana.calls", 1)}
    assert not {name.split("-")[0] for name in desk.counted} & set(within)
    assert meters.identifier("call_1", "calls/month") == meters.identifier("call_1", "calls/month")


def test_what_was_told_is_known_long_after_the_provider_has_forgotten(somebody: Somebody, desk: Desk) -> None:
    from licet.portal.billing import meters

    somebody.use(12)
    meters.gather()
    meters.send()
    desk.counted.clear()  # its memory of identifiers is a day long
    somebody.hands.forward(20 * 86_400)
    meters._seen.clear()
    assert (meters.gather(), meters.send()) == (0, 0)


def test_a_provider_that_is_away_is_told_later_and_nothing_twice(somebody: Somebody, desk: Desk) -> None:
    from licet.portal.billing import meters
    from licet.portal.payments.port import Unreachable

    somebody.use(14)
    meters.gather()
    desk.fault = Unreachable("no answer")
    assert meters.send() == 0
    desk.fault = None
    meters.send()
    somebody.hands.forward(60)
    meters.send()
    assert (len(desk.counted), desk.heard) == (4, 4)


def test_a_crash_between_telling_and_writing_it_down_tells_the_same_id_again(
    somebody: Somebody, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal.billing import meters
    from licet.portal.billing.models import MeterEvent

    somebody.use(11)
    meters.gather()
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(MeterEvent, "save", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("power")))
        meters.send()
    meters.send()
    assert (desk.heard, len(desk.counted)) == (2, 1)


def test_what_the_provider_refuses_is_kept_with_his_words_and_can_be_told_again(somebody: Somebody, desk: Desk) -> None:
    from licet.portal.billing import meters
    from licet.portal.billing.models import MeterEvent
    from licet.portal.payments.port import Declined

    somebody.use(11)
    meters.gather()
    desk.fault = Declined("no such meter")
    meters.send()
    row = MeterEvent.objects.get()
    assert (row.state, "no such meter" in row.error) == ("refused", True)
    desk.fault = None
    assert meters.send() == 0
    MeterEvent.objects.update(state="waits", next_s=0)
    assert meters.send() == 1


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 7), st.sampled_from(("use", "gather", "move", "forget"))), max_size=14))
def test_the_outbox_always_adds_up_to_what_the_ledger_says_is_owed(
    somebody: Somebody, acts: list[tuple[int, str]]
) -> None:
    from django.db.models import Sum

    from licet.portal import events, tiers
    from licet.portal.billing import meters, reading
    from licet.portal.billing.models import MeterEvent

    MeterEvent.objects.all().delete()
    meters._seen.clear()
    somebody.hands.forward(40 * 86_400)  # a month of its own for each example
    for n, act in acts:
        if act == "use":
            somebody.use(n)
        elif act == "gather":
            meters.gather()
        elif act == "move":  # another tier in the middle of the month
            tiers.give(somebody.holder, "sana", ("elastic", "free", "premium")[n % 3], events.COMMAND)
            somebody.hands.forward(1)
        else:
            meters._seen.clear()
    meters.gather()
    held = tiers.current(somebody.holder, "sana")
    assert held is not None
    month = reading.running(held)
    owed = sum(line.past for line in reading.worked_out(somebody.holder, "sana", month).lines)
    rows = MeterEvent.objects.filter(window_s=month.from_s)  # those of other examples' months are gathered anew, too
    assert (rows.aggregate(n=Sum("units"))["n"] or 0) == owed
    assert not rows.filter(units__lt=1).exists(), "nobody is told of nothing"
