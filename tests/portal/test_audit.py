"""What happened is written down in a chain: whoever changes it is found at the row, and who must be forgotten is."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.conftest import Hands

from licet.cli import main
from licet.portal import chain
from licet.portal.config import PortalConfig

DICE = iter(range(1 << 60))


def written(*acts: dict[str, Any]) -> list[chain.Row]:
    rows, before = [], chain.FIRST
    for n, act in enumerate(acts, 1):
        detail, said = chain.split(act.get("detail", {}))
        salts, sealed = chain.seals(act.get("address", ""), said, lambda size: next(DICE).to_bytes(size))
        row = chain.Row(n, 1_000 + n, act.get("what", "key.made"), act.get("by", "hol_a"), act.get("holder", "hol_a"),
                        "", detail, act.get("address", ""), said, salts, sealed, "")  # fmt: skip
        before = chain.link(row, before)
        rows.append(replace(row, digest=before))
    return rows


def ten() -> list[chain.Row]:
    return written(*({"address": f"203.0.113.{n}", "detail": {"key": f"key_{n}", "name": "laptop"}} for n in range(10)))


def named(rows: list[chain.Row], **more: Any) -> list[int]:
    return [one.n for one in chain.verify(rows, **more).broken]


def test_a_chain_that_nobody_touched_is_whole() -> None:
    rows = ten()
    found = chain.verify(rows, written=10, known=(4, rows[3].digest))
    assert (found.rows, found.last_n, found.head, found.broken) == (10, 10, rows[-1].digest, ())
    assert chain.verify([]).head == chain.FIRST


CHANGES = {
    "at_s": 7, "what": "key.revoked", "by": "hol_b", "holder": "hol_b", "release": "sana", "detail": {"key": "key_x"},
    "address": "198.51.100.1", "said": {"name": "desk"}, "sealed": {"address": "0" * 64, "said": "0" * 64},
}  # fmt: skip


@given(st.integers(0, 9), st.sampled_from(sorted(CHANGES)))
def test_a_changed_row_is_named_and_no_other(at: int, name: str) -> None:
    rows = ten()
    rows[at] = replace(rows[at], **{name: CHANGES[name]})
    assert set(named(rows)) == {at + 1}


@given(st.integers(0, 8))
def test_a_row_that_was_taken_out_is_missed_at_the_next(at: int) -> None:
    rows = ten()
    del rows[at]
    assert set(named(rows)) == {at + 2}


def test_rows_taken_from_the_end_are_missed_by_their_number_or_by_a_head() -> None:
    rows = ten()
    assert named(rows[:8], written=10) == [9]
    assert named(rows[:8], known=(10, rows[-1].digest)) == [10]


@given(st.integers(0, 9))
def test_a_row_that_was_put_in_is_named(at: int) -> None:
    rows = ten()
    false = replace(rows[at], at_s=5)
    moved = [replace(row, n=row.n + 1) for row in rows[at:]]
    assert at + 1 in named([*rows[:at], false, *moved])


@given(st.integers(0, 8))
def test_two_rows_that_changed_places_are_both_named(at: int) -> None:
    rows = ten()
    rows[at], rows[at + 1] = replace(rows[at + 1], n=at + 1), replace(rows[at], n=at + 2)
    assert {at + 1, at + 2} <= set(named(rows))


@given(st.integers(0, 8))
def test_a_row_that_was_written_anew_with_its_digest_is_told_by_the_next(at: int) -> None:
    rows = ten()
    other = replace(rows[at], at_s=5)
    rows[at] = replace(other, digest=chain.link(other, rows[at - 1].digest if at else chain.FIRST))
    assert named(rows) == [at + 2]


def test_a_chain_written_anew_is_told_by_a_head_that_was_noted() -> None:
    rows = ten()
    other = written(*({"detail": {"key": "key_0"}} for _ in range(10)))
    assert named(other) == []
    assert named(other, known=(6, rows[5].digest)) == [6]


def test_what_is_personal_may_go_only_where_a_row_says_why() -> None:
    rows = ten()
    bare = [replace(rows[2], address="", said={}, salts={}), *rows[3:]]
    assert set(named([*rows[:2], *bare])) == {3}
    gone = written(*({"address": "203.0.113.9", "detail": {"name": "x"}} for _ in range(2)),
                   {"what": "account.deleted"}, {"address": "203.0.113.7"})  # fmt: skip
    gone[:2] = [replace(row, address="", said={}, salts={}) for row in gone[:2]]
    assert named(gone) == []
    assert named([replace(gone[0], address="203.0.113.9"), *gone[1:]]) == [1]  # put back, or made up


def test_a_faded_address_is_no_finding_but_a_faded_word_is() -> None:
    rows = written({"address": "203.0.113.9", "detail": {"name": "x"}},
                   {"what": "audit.faded", "by": "licet", "detail": {"until_n": 1, "rows": 1}})  # fmt: skip
    faded = [replace(rows[0], address="", salts={"said": rows[0].salts["said"]}), rows[1]]
    assert named(faded) == []
    assert named([replace(faded[0], said={}, salts={}), rows[1]]) == [1]


def test_rows_trimmed_from_the_front_leave_a_chain_that_holds_and_no_more_may_go() -> None:
    rows = ten()
    last = replace(rows[-1], what="audit.trimmed", detail={"until_n": 4, "until_digest": rows[3].digest, "rows": 4})
    rows[-1] = replace(last, digest=chain.link(last, rows[-2].digest))
    assert named(rows[4:]) == []
    assert named(rows[5:])[0] == 6
    assert set(named([replace(rows[4], at_s=1), *rows[5:]])) == {5}


@given(st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=8)))
def test_nothing_of_a_detail_is_lost_between_its_two_parts(detail: dict[str, Any]) -> None:
    ours, said = chain.split(detail)
    assert {**ours, **said} == detail
    assert not ours.keys() & said.keys()
    assert ours.keys() <= chain.CHAINED


# --- in the portal -----------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(release: Path, hands: Hands) -> Iterator[Any]:
    """A holder with acts of all kinds, from an address, and another beside it."""
    from licet.portal import accounts, events, grants, keys, tiers

    ada = accounts.create("ada@example.org", "correct horse battery", events.COMMAND)
    by = events.By(ada.pk, "203.0.113.9")
    key = keys.make(ada, "Ada's laptop", by).key
    hands.forward(100)
    tiers.reject(tiers.request(ada, "sana", "vip", "I, Ada, measure whales.", by), events.COMMAND, "Not yet, Ada.")
    grants.grant(ada, "sana", ["advanced"], events.COMMAND, reason="Ada's talk", until_s=hands.at_s + 1000)
    accounts.suspend(ada, "Ada's key leaked", events.COMMAND)
    accounts.unsuspend(ada, events.COMMAND)
    keys.revoke(key, by)
    accounts.create("ben@example.org", "correct horse battery", events.By(ada.pk, "203.0.113.9", operator=True))
    yield ada


def audit_whole() -> chain.Checked:
    from licet.portal import audit

    found = audit.verify()
    assert found.broken == ()
    return found


def test_every_act_is_chained_with_what_was_before_and_after(busy: Any) -> None:
    from licet.portal.models import Event

    assert audit_whole().rows == Event.objects.count() > 10
    told = {e.what: e.told for e in Event.objects.filter(holder=busy)}
    assert (told["account.unsuspended"]["before"], told["account.unsuspended"]["after"]) == ("suspended", "good")
    assert told["tier.rejected"]["why"] == "Not yet, Ada."
    assert told["grant.made"]["why"] == "Ada's talk"


def test_an_erased_account_leaves_a_whole_chain_and_not_a_word_of_it(busy: Any, portal: PortalConfig) -> None:
    from django.db import connection

    from licet.portal import accounts, events
    from licet.portal.models import Event

    before = list(Event.objects.order_by("id").values_list("digest", flat=True))
    accounts.delete(busy, events.By(busy.pk, "203.0.113.9"))
    assert list(Event.objects.order_by("id").values_list("digest", flat=True))[: len(before)] == before
    audit_whole()
    connection.close()
    with closing(sqlite3.connect(portal.portal_file)) as db:
        text = "\n".join(db.iterdump())
    for word in ("ada@example.org", "203.0.113.9", "Ada", "whales", "laptop"):
        assert word not in text, word
    assert "ben@example.org" in text


@pytest.mark.parametrize("name", ["ada@example.org", "àda@example.org"])
def test_a_row_about_others_that_names_an_erased_person_forgets_it_and_says_so(busy: Any, name: str) -> None:
    from licet.portal import accounts, events
    from licet.portal.models import Event

    lab = accounts.create("lab@example.org", None, events.COMMAND)
    busy.account.email = name
    busy.account.save()
    invited = events.record("key.made", events.By(lab.pk, "203.0.113.5"), lab, email=name)
    other = events.record("key.made", events.By(lab.pk, "203.0.113.5"), lab, email="cy@example.org")
    accounts.delete(busy, events.COMMAND)
    audit_whole()
    invited.refresh_from_db()
    other.refresh_from_db()
    assert (invited.said, invited.address, other.said) == ({}, "203.0.113.5", {"email": "cy@example.org"})
    assert Event.objects.get(what="audit.erased").detail == {"erased": [invited.pk]}


DAMAGES: dict[str, tuple[str, int]] = {
    "changed": ("UPDATE portal_event SET by = 'command' WHERE id = 4", 4),
    "taken out": ("DELETE FROM portal_event WHERE id = 4", 5),
    "taken from the end": ("DELETE FROM portal_event WHERE id = (SELECT max(id) FROM portal_event)", 0),
    "put in": (
        "INSERT INTO portal_event SELECT id + 1, at_s, what, by, release, detail, address, holder_id, said, salts,"
        " sealed, digest FROM portal_event ORDER BY id DESC LIMIT 1",
        0,
    ),
    "personal part changed": ("UPDATE portal_event SET address = '198.51.100.1' WHERE id = 4", 4),
    "personal part taken out": ("""UPDATE portal_event SET address = '', salts = '{}', said = '{}' WHERE id = 4""", 4),
    "moved": ("UPDATE portal_event SET id = CASE id WHEN 4 THEN -5 ELSE -4 END WHERE id IN (4, 5);"
              "UPDATE portal_event SET id = -id WHERE id < 0", 4),
}  # fmt: skip


@pytest.mark.parametrize("how", DAMAGES)
def test_a_hand_in_the_database_is_found_at_its_row(
    busy: Any, portal: PortalConfig, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.db import connection

    last = audit_whole().last_n
    connection.close()
    sql, row = DAMAGES[how]
    with closing(sqlite3.connect(portal.portal_file)) as db:
        db.executescript(sql.replace("SELECT id + 1, at_s, what, by, release, detail, address, holder_id, said, salts,"
                                     " sealed, digest FROM portal_event", _copied(db)))  # fmt: skip
        db.commit()
    named_row = row or (last + 1 if how == "put in" else last)
    assert run(portal, "verify", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["whole"] is False
    assert named_row in [one["n"] for one in told["broken"]]


def _copied(db: sqlite3.Connection) -> str:
    names = [name for _, name, *_ in db.execute("PRAGMA table_info(portal_event)")]
    return f"SELECT {', '.join('id + 1' if name == 'id' else name for name in names)} FROM portal_event"


def run(portal: PortalConfig, *words: str) -> int:
    import os

    os.environ["LICET_URL"] = portal.url
    try:
        return main(["audit", *words, "--data", str(portal.data)])
    finally:
        del os.environ["LICET_URL"]


def test_an_export_is_verified_without_the_server_and_names_what_was_changed_in_it(
    busy: Any, portal: PortalConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "audit.jsonl"
    assert run(portal, "export", str(file)) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["audit", "verify", "--file", str(file)]) == 0
    assert "whole" in capsys.readouterr().out
    lines = file.read_text().splitlines()
    assert json.loads(lines[-1])["what"] == "audit.exported"
    file.write_text("\n".join(lines).replace("203.0.113.9", "203.0.113.8", 1))
    assert main(["audit", "verify", "--file", str(file)]) == 1
    assert "its address was changed" in capsys.readouterr().out
    file.write_text("{}")
    assert main(["audit", "verify", "--file", str(file)]) == 1
    assert "audit.jsonl:1" in capsys.readouterr().err
    assert run(portal, "export", str(file)) == 1  # what is there is not written over


def test_two_that_write_at_once_make_one_chain(busy: Any, portal: PortalConfig) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from licet.portal import events

    def ten_acts(_: int) -> None:
        for _ in range(10):
            events.record("operator.link", events.COMMAND)
        connection.close()

    before = audit_whole().rows
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ten_acts, range(4)))
    assert audit_whole().rows == before + 40


def settings(**kept: int | None) -> Callable[[pytest.MonkeyPatch, PortalConfig], None]:
    def put(patch: pytest.MonkeyPatch, config: PortalConfig) -> None:
        from django.conf import settings as known

        patch.setattr(known, "LICET", replace(config, **kept))

    return put


def test_addresses_fade_and_rows_are_trimmed_by_the_settings_alone(
    busy: Any, portal: PortalConfig, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal import audit, events
    from licet.portal.models import Event

    assert audit.retain() == audit.Kept(0, 0)
    hands.forward(10 * 86_400)
    events.record("operator.link", events.By("hol_x", "198.51.100.7"))
    settings(keep_addresses_days=9)(monkeypatch, portal)
    faded = audit.retain()
    assert faded.trimmed == 0 < faded.faded
    assert set(Event.objects.values_list("address", flat=True)) == {"", "198.51.100.7"}
    audit_whole()
    assert audit.retain() == audit.Kept(0, 0)
    hands.forward(86_400)
    settings(keep_events_days=5)(monkeypatch, portal)
    rows = Event.objects.count()
    trimmed = audit.retain().trimmed
    assert 0 < trimmed < rows
    audit_whole()
    hands.forward(30 * 86_400)
    assert audit.retain().trimmed == rows - trimmed + 1  # all of it, but for the row that says so
    assert audit_whole().rows == 1


def test_an_export_holds_what_was_said_but_no_key(busy: Any) -> None:
    from licet.access.key import make
    from licet.portal import audit, events, tiers

    _, secret = make("live", lambda n: b"\1" * n, 1)
    tiers.request(busy, "sana", "vip", f"with {secret.reveal()} I cannot call", events.COMMAND)
    file = io.StringIO()
    audit.export(file, events.COMMAND)
    assert "I cannot call" in file.getvalue()
    assert secret.reveal() not in file.getvalue()


def test_the_console_finds_rows_by_a_word_an_id_and_a_stretch_of_time(busy: Any, hands: Hands) -> None:
    from tests.portal.test_console import operator

    console = operator()
    for query, there, not_there in (
        ("q=whales", "tier.requested", "key.made<"),
        (f"q={busy.pk}", "key.made", "document.published<"),
        ("what=key.revoked", "key.revoked", "grant.made<"),
        ("days=7", "grant.made", "no such act"),
        ("release=sana", "grant.made", "key.made<"),
    ):
        page = console.get(f"/admin/portal/event/?{query}").content.decode()
        rows = page[page.index("result_list") :]
        assert there in rows, query
        assert not_there not in rows, query


def test_an_older_data_folder_is_taken_into_the_chain_as_it_stands(busy: Any) -> None:
    """The migration's own step, on rows as the version before it left them."""
    from importlib import import_module

    from django.apps import apps
    from django.db import connection

    from licet.portal.models import Event

    step = import_module("licet.portal.migrations.0002_chain")
    with connection.schema_editor() as editor:
        step.backward(apps, editor)
        Event.objects.update(said={}, salts={}, sealed={}, digest="")
        assert Event.objects.get(what="tier.rejected").detail["why"] == "Not yet, Ada."
        step.forward(apps, editor)
    audit_whole()
    assert Event.objects.get(what="tier.rejected").said["why"] == "Not yet, Ada."
