"""Every act reaches the gate's tables in its own transaction, and taken back it leaves what was there before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.portal.conftest import Hands

from licet.access.key import digest
from licet.access.standing import Narrow
from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory
from licet.release.document import read


def ada():
    from licet.portal import accounts, events

    return accounts.create("ada@example.org", "correct horse battery", events.COMMAND)


def test_whoever_signs_up_gets_the_first_tier_without_approval_and_price(
    release: Path, directory: SqliteDirectory
) -> None:
    holder = ada()
    standing = directory.standing(holder.pk, "sana")
    assert standing is not None
    assert standing.tier == "free"
    assert standing.claims == {"account", "tier:free"}
    assert directory.document(standing.document) == (release / "licet.toml").read_bytes()
    assert directory.newest("sana", standing.anchor_s) == standing.document
    assert directory.standing(holder.pk, "another") is None


def test_a_plain_holder_is_what_the_gate_works_out_at_start(release: Path, directory: SqliteDirectory) -> None:
    from licet.gate.warm import usual

    plain = {s.tier: s for s in usual(read((release / "licet.toml").read_bytes()))}
    standing = directory.standing(ada().pk, "sana")
    assert standing is not None
    assert standing == replace(plain["free"], holder_id=standing.holder_id, anchor_s=standing.anchor_s)


def test_a_key_is_found_by_its_digest_alone(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import events, keys

    holder = ada()
    made = keys.make(
        holder, "laptop", events.COMMAND, scopes=["decide"], features=["basic"], declared={"commercial": False}
    )
    found = directory.credential(digest(made.secret.reveal()))
    assert found is not None
    assert (found.key_id, found.holder_id) == (made.key.pk, holder.pk)
    assert found.narrow == Narrow(frozenset({"basic"}), None, frozenset({"decide"}))
    assert found.facts == {"commercial": False}
    assert directory.credential(digest(made.secret.reveal() + "x")) is None


def test_a_revocation_moves_the_version_and_names_the_digest(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import events, keys

    made = keys.make(ada(), "laptop", events.COMMAND)
    before, after = directory.version(), directory.last_change()
    keys.revoke(made.key, events.COMMAND)
    assert directory.version() != before
    assert [(c.what, c.ref) for c in directory.changes(after)] == [("credential", made.secret.digest.hex())]
    found = directory.credential(made.secret.digest)
    assert found is not None and found.revoked_s is not None


def test_nothing_written_moves_nothing(release: Path, directory: SqliteDirectory) -> None:
    before = directory.version()
    assert directory.newest("sana", 2**40)
    assert directory.version() == before


def test_a_rotated_key_keeps_its_id_and_the_old_secret_ends_with_the_overlap(
    release: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from licet.portal import events, keys

    made = keys.make(ada(), "laptop", events.COMMAND)
    again = keys.rotate(made.key, events.COMMAND, overlap_s=60)
    assert again.key.pk == made.key.pk
    old, new = directory.credential(made.secret.digest), directory.credential(again.secret.digest)
    assert old is not None and new is not None
    assert old.expires_s == hands.at_s + 60
    assert new.expires_s is None


def test_a_rotation_sent_twice_is_one_rotation(release: Path, directory: SqliteDirectory, hands: Hands) -> None:
    """A lost answer leaves its owner without a key, so the repeat gives a new secret; the unseen one is worth
    nothing.
    """
    from licet.portal import events, keys

    made = keys.make(ada(), "laptop", events.COMMAND)
    lost = keys.rotate(made.key, events.COMMAND, overlap_s=60, nonce="n1")
    hands.forward(30)
    seen = keys.rotate(made.key, events.COMMAND, overlap_s=60, nonce="n1")
    assert directory.credential(lost.secret.digest) is None
    assert directory.credential(seen.secret.digest) is not None
    old = directory.credential(made.secret.digest)
    assert old is not None and old.expires_s == hands.at_s + 30  # the end of the old secret stays where it was


def test_a_form_sent_twice_makes_one_key(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import events, keys
    from licet.portal.models import Key

    holder = ada()
    first = keys.make(holder, "laptop", events.COMMAND, nonce="n1")
    second = keys.make(holder, "laptop", events.COMMAND, nonce="n1")
    assert first.key.pk == second.key.pk
    assert Key.objects.filter(holder=holder).count() == 1
    assert directory.credential(first.secret.digest) is None
    assert directory.credential(second.secret.digest) is not None


def test_a_key_that_has_ended_is_not_rotated(release: Path, hands: Hands) -> None:
    from licet.portal import events, keys

    made = keys.make(ada(), "laptop", events.COMMAND, expires_s=hands.at_s + 10)
    hands.forward(10)
    with pytest.raises(LicetError, match="has ended"):
        keys.rotate(made.key, events.COMMAND)


def test_an_awaited_tier_stands_beside_the_held_one_until_it_is_answered(
    release: Path, directory: SqliteDirectory
) -> None:
    from licet.portal import events, tiers

    holder = ada()
    asked = tiers.request(holder, "sana", "vip", "I measure whales.", events.COMMAND)
    waiting = directory.standing(holder.pk, "sana")
    assert waiting is not None and waiting.tier == "free"
    assert waiting.claims == {"account", "tier:free", "tier:vip"}
    assert waiting.facts["approved:vip"] is False
    tiers.approve(asked, events.COMMAND, "Welcome.")
    given = directory.standing(holder.pk, "sana")
    assert given is not None and given.tier == "vip"
    assert given.claims == {"account", "tier:vip"}
    assert given.facts["approved:vip"] is True


def test_a_rejected_request_leaves_exactly_what_was_there_before(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import events, tiers

    holder = ada()
    before = directory.standing(holder.pk, "sana")
    asked = tiers.request(holder, "sana", "vip", "I measure whales.", events.COMMAND)
    tiers.reject(asked, events.COMMAND, "Whales are measured already.")
    assert directory.standing(holder.pk, "sana") == before
    with pytest.raises(LicetError, match="rejected already"):
        tiers.approve(asked, events.COMMAND)


def test_a_request_needs_a_tier_that_needs_approval_and_a_reason(release: Path) -> None:
    from licet.portal import events, tiers

    holder = ada()
    for tier, reason, says in (
        ("premium", "x", "no approval"),
        ("gold", "x", "Invalid user level"),
        ("vip", " ", "reason"),
    ):
        with pytest.raises(LicetError, match=says):
            tiers.request(holder, "sana", tier, reason, events.COMMAND)
    assert tiers.request(holder, "sana", "vip", "a", events.COMMAND) == tiers.request(
        holder, "sana", "vip", "b", events.COMMAND
    )


def test_a_tier_with_an_end_is_followed_by_the_first_tier_without_any_job(
    release: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from licet.portal import events, tiers

    holder = ada()
    at = SqliteDirectory(directory_path(directory), clock=lambda: hands.at_s)
    tiers.give(holder, "sana", "premium", events.COMMAND, until_s=hands.at_s + 100)
    now = at.standing(holder.pk, "sana")
    assert now is not None and (now.tier, now.until_s) == ("premium", hands.at_s + 100)
    hands.forward(100)
    then = at.standing(holder.pk, "sana")
    assert then is not None and (then.tier, then.until_s) == ("free", None)
    assert tiers.current(holder, "sana").tier == "free"
    tiers.give(holder, "sana", "vip", events.COMMAND)
    assert [h.tier for h in holder.held.order_by("id")] == ["free", "premium", "free", "vip"]
    assert holder.held.filter(ended_s=None).count() == 1
    at.close()


def directory_path(directory: SqliteDirectory) -> Path:
    return Path(directory._db.execute("PRAGMA database_list").fetchone()[2])


def test_a_change_of_tier_never_moves_the_anchor(release: Path, directory: SqliteDirectory, hands: Hands) -> None:
    from licet.portal import events, tiers

    holder = ada()
    began = hands.at_s
    for tier in ("premium", "free", "premium"):
        hands.forward(1000)
        tiers.give(holder, "sana", tier, events.COMMAND)
    standing = directory.standing(holder.pk, "sana")
    assert standing is not None and standing.anchor_s == began


def test_a_suspension_is_one_claim_more_and_its_end_leaves_what_was_there(
    release: Path, directory: SqliteDirectory
) -> None:
    from licet.portal import accounts, events, keys

    holder = ada()
    before = directory.standing(holder.pk, "sana")
    assert before is not None
    accounts.suspend(holder, "unpaid", events.COMMAND)
    during = directory.standing(holder.pk, "sana")
    assert during is not None and during.claims == before.claims | {"suspended"}
    with pytest.raises(LicetError, match="suspended"):
        keys.make(holder, "laptop", events.COMMAND)
    accounts.unsuspend(holder, events.COMMAND)
    assert directory.standing(holder.pk, "sana") == before


def test_a_grant_is_a_can_of_this_holder_alone_and_revoked_it_is_gone(
    release: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from licet.portal import events, grants
    from licet.terms import Answer, Ask, may

    holder = ada()
    before = directory.standing(holder.pk, "sana")
    row = grants.grant(
        holder, "sana", ["advanced"], events.COMMAND, reason="a talk", from_s=hands.at_s + 10, until_s=hands.at_s + 20
    )
    standing = directory.standing(holder.pk, "sana")
    assert standing is not None
    (grant,) = standing.grants
    assert grant.grant_id == row.pk

    def answer(at_s: int, claims: frozenset[str]) -> Answer:
        return may(grant.policy, Ask("advanced", "code", claims, {"now_s": at_s})).answer

    told = {s: answer(hands.at_s + s, standing.claims) for s in (9, 10, 20, 21)}
    assert told == {9: Answer.NO, 10: Answer.YES, 20: Answer.YES, 21: Answer.NO}
    assert answer(hands.at_s + 15, frozenset({"account", "holder:hol_other"})) is Answer.NO
    grants.revoke(row, events.COMMAND)
    assert directory.standing(holder.pk, "sana") == before


def test_a_grant_names_only_what_the_release_has(release: Path) -> None:
    from licet.portal import events, grants

    with pytest.raises(LicetError, match="advnced"):
        grants.grant(ada(), "sana", ["advnced"], events.COMMAND, reason="a talk")


def test_an_acceptance_opens_for_the_exact_text_only(release: Path, directory: SqliteDirectory) -> None:
    from tests.portal.conftest import LICET

    from licet.portal import acceptances, documents, events
    from licet.portal.models import Acceptance

    holder = ada()
    text = acceptances.text("sana", "weights", holder)
    assert text is not None
    with pytest.raises(LicetError, match="SHA-256"):
        acceptances.accept(holder, "sana", "CC-BY-NC-4.0", "0" * 64, events.COMMAND, how="api")
    row = acceptances.accept(holder, "sana", "CC-BY-NC-4.0", text.sha256, events.COMMAND, how="page")
    assert acceptances.accept(holder, "sana", "CC-BY-NC-4.0", text.sha256, events.COMMAND, how="api") == row
    assert Acceptance.objects.count() == 1
    standing = directory.standing(holder.pk, "sana")
    assert standing is not None and standing.facts["accepted:CC-BY-NC-4.0"] is True
    # A new document with another text: whoever moves to it has not accepted that.
    (release / "LICENSES" / "CC-BY-NC-4.0.txt").write_text("Another text.\n")
    documents.publish(LICET.replace(b"1.0.0", b"1.1.0"), events.COMMAND, folder=release)
    from licet.portal import tiers

    tiers.move("sana", events.COMMAND)
    now_s = directory._clock()
    directory._clock = lambda: now_s + 366 * 86_400  # after the time that is given to read it
    standing = directory.standing(holder.pk, "sana")
    assert standing is not None and "accepted:CC-BY-NC-4.0" not in standing.facts


def test_publishing_the_same_again_changes_nothing(release: Path, directory: SqliteDirectory) -> None:
    from tests.portal.conftest import LICET

    from licet.portal import documents, events

    before = directory.last_change()
    documents.publish(LICET, events.COMMAND, folder=release)
    assert directory.last_change() == before


def test_holders_keep_their_document_until_they_are_moved(release: Path, directory: SqliteDirectory) -> None:
    from tests.portal.conftest import LICET

    from licet.portal import documents, events, tiers

    holder = ada()
    old = directory.standing(holder.pk, "sana")
    new = documents.publish(LICET.replace(b"10 calls", b"20 calls"), events.COMMAND)
    assert old is not None and directory.standing(holder.pk, "sana") == old
    assert documents.holdings("sana") == (documents.Holding("free", old.document, 1),)
    assert tiers.move("sana", events.COMMAND, tier="premium") == 0
    assert tiers.move("sana", events.COMMAND, tier="free") == 1
    moved = directory.standing(holder.pk, "sana")
    assert moved is not None and moved.document == new.sha256


def test_a_document_for_a_day_to_come_is_not_in_force_yet(
    release: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from tests.portal.conftest import LICET

    from licet.portal import documents, events

    old = directory.newest("sana", hands.at_s)
    new = documents.publish(LICET.replace(b"10 calls", b"20 calls"), events.COMMAND, from_s=hands.at_s + 100)
    assert directory.newest("sana", hands.at_s + 99) == old
    assert directory.newest("sana", hands.at_s + 100) == new.sha256


def test_a_deleted_account_ends_its_keys_at_once_and_leaves_a_tombstone(
    release: Path, directory: SqliteDirectory
) -> None:
    from licet.portal import acceptances, accounts, events, keys, tiers
    from licet.portal.models import Account, Event, Holder

    holder = ada()
    made = keys.make(holder, "Ada's laptop", events.By(holder.pk, "203.0.113.9"))
    tiers.request(holder, "sana", "vip", "I, Ada, measure whales.", events.By(holder.pk, "203.0.113.9"))
    text = acceptances.text("sana", "weights")
    assert text is not None
    acceptances.accept(holder, "sana", text.license, text.sha256, events.By(holder.pk), how="page")
    after = directory.last_change()
    accounts.delete(holder, events.By(holder.pk, "203.0.113.9"))
    assert directory.standing(holder.pk, "sana") is None
    found = directory.credential(made.secret.digest)
    assert found is not None and found.revoked_s is not None
    assert {c.what for c in directory.changes(after)} == {"standing", "credential"}
    assert not Account.objects.exists()
    tomb = Holder.objects.get(pk=holder.pk)
    assert tomb.deleted_s is not None and tomb.acceptances.count() == 1
    assert not Event.objects.filter(holder=holder).exclude(address="").exists()
    with pytest.raises(LicetError, match="deleted"):
        tiers.give(tomb, "sana", "premium", events.COMMAND)


def test_the_read_model_can_be_worked_out_again_from_the_other_tables(
    release: Path, directory: SqliteDirectory
) -> None:
    from licet.portal import events, grants, readmodel, tiers
    from licet.portal.models import StandingRow

    holder = ada()
    tiers.request(holder, "sana", "vip", "why not", events.COMMAND)
    grants.grant(holder, "sana", ["advanced"], events.COMMAND, reason="a talk")
    before = directory.standing(holder.pk, "sana")
    StandingRow.objects.all().delete()
    assert directory.standing(holder.pk, "sana") is None
    assert readmodel.rebuild() == 1
    assert directory.standing(holder.pk, "sana") == before


def test_an_event_never_takes_a_secret(portal: PortalConfig) -> None:
    from licet.access.key import make
    from licet.portal import events

    _, secret = make("live", lambda n: b"\1" * n, 1)
    with pytest.raises(ValueError, match="secret"):
        events.record("key.made", events.COMMAND, key=secret.reveal())
    with pytest.raises(ValueError, match="not an event"):
        events.record("key.eaten", events.COMMAND)


def test_a_tier_that_ended_by_itself_is_not_moved_but_what_follows_it_is(release: Path, hands: Hands) -> None:
    from tests.portal.conftest import LICET

    from licet.portal import documents, events, tiers

    holder = ada()
    tiers.give(holder, "sana", "premium", events.COMMAND, until_s=hands.at_s + 10)
    hands.forward(100)
    new = documents.publish(LICET.replace(b"10 calls", b"20 calls"), events.COMMAND)
    assert tiers.move("sana", events.COMMAND, tier="premium") == 0
    assert tiers.move("sana", events.COMMAND) == 1
    held = tiers.current(holder, "sana")
    assert held is not None and (held.tier, held.document) == ("free", new.sha256)
