"""What is told before a change is what happens after it: for every holder, every feature, and nobody else."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.portal.conftest import Hands
from tests.programs.conftest import WITH_PROGRAMS

from licet.access.standing import Budget, Credential
from licet.access.table import Tables
from licet.errors import LicetError
from licet.release.document import read
from licet.terms.action import DOWNLOAD

QUESTIONS = (("basic", "code"), ("advanced", "code"), (DOWNLOAD, "weights"))


def person(address: str) -> Any:
    from licet.portal import accounts, events

    return accounts.create(address, "correct horse battery", events.COMMAND)


def people() -> dict[str, Any]:
    """Eight holders in five standings: free twice, vip, premium, suspended, two with equal grants, one of a domain."""
    from licet.portal import accounts, events, grants, tiers

    named = {n: person(f"{n}@example.org") for n in ("ada", "bob", "cyd", "dan", "eve", "fay", "gus")}
    named["hal"] = person("hal@uni.example")
    tiers.give(named["cyd"], "sana", "vip", events.COMMAND)
    tiers.give(named["dan"], "sana", "premium", events.COMMAND)
    accounts.suspend(named["eve"], "x", events.COMMAND)
    for n in ("fay", "gus"):
        grants.grant(
            named[n], "sana", ["advanced"], events.COMMAND, reason=f"study of {n}", quotas=[Budget(2, "calls", "day")]
        )
    return named


def answers(named: dict[str, Any], hands: Hands) -> dict[tuple[str, str, bool], tuple[bool, Any]]:
    """By the gate's own tables: may each of them, for both values of what a key declares?"""
    from licet.portal import clock, documents
    from licet.portal.config import current
    from licet.portal.directory import SqliteDirectory

    found: dict[tuple[str, str, bool], tuple[bool, Any]] = {}
    newest = documents.in_force("sana")
    with closing(SqliteDirectory(current().portal_file, clock.now_s)) as directory:
        for name, holder in named.items():
            standing = directory.standing(holder.pk, "sana")
            held = documents.read(standing.document)
            for commercial in (False, True):
                table = Tables().of(
                    held, standing, Credential("k", holder.pk, facts={"commercial": commercial}), newest
                )
                for action, component in QUESTIONS:
                    known = held.component(component) if action == DOWNLOAD else held.feature(action)
                    ways = table.slot(action, component, hands.at_s).ways if known else ()
                    reach = frozenset((w.takes, frozenset(c.duty for c in w.yes.duties)) for w in ways)
                    found[name, action, commercial] = bool(ways), reach
    return found


def turned_by(outcome: Any) -> tuple[int, int]:
    return outcome.gain, outcome.lose


def truly(before: dict, after: dict) -> tuple[set[str], set[str]]:
    """Who gained and who lost a yes, or saw its limits or duties turn."""
    gained = {k[0] for k in before if after[k][0] and not before[k][0]}
    lost = {k[0] for k in before if before[k][0] and not after[k][0]}
    return gained, lost


def test_standings_are_few_and_every_holder_is_in_one(release: Path) -> None:
    from licet.portal.whatif.kin import kins

    people()
    found = kins("sana")
    assert sorted((kin.holders, kin.standing.tier) for kin in found) == [
        (1, "free"), (1, "premium"), (1, "vip"), (2, "free"), (3, "free"),
    ]  # fmt: skip
    assert sum(kin.holders for kin in found) == 8


def test_equal_grants_under_other_names_are_one_standing_and_other_quotas_are_not(release: Path, hands: Hands) -> None:
    from licet.portal import events, grants
    from licet.portal.whatif.kin import kins

    named = people()
    before = len(kins("sana"))
    grants.grant(named["ada"], "sana", ["advanced"], events.COMMAND, reason="y", quotas=[Budget(2, "calls", "day")])
    assert len(kins("sana")) == before
    grants.grant(named["bob"], "sana", ["advanced"], events.COMMAND, reason="y", quotas=[Budget(3, "calls", "day")])
    assert len(kins("sana")) == before + 1
    hands.forward(10)
    grants.grant(named["cyd"], "sana", ["basic"], events.COMMAND, reason="y", until_s=hands.at_s + 5)
    assert len(kins("sana")) == before + 1  # the one of tier vip was alone before, and still is
    hands.forward(10)
    assert len(kins("sana")) == before + 1


EDITS = {
    "a feature less": (b'features = ["basic"]\n', b'features = ["advanced"]\n'),
    "a feature more": (b'name = "free"\nfeatures = ["basic"]', b'name = "free"\nfeatures = ["*"]'),
    "a smaller quota": (b'quota = ["10 calls / month"]', b'quota = ["9 calls / month"]'),
    "a larger quota": (b'quota = ["10 calls / month"]', b'quota = ["11 calls / month"]'),
    "approval": (b'name = "premium"', b'name = "premium"\nrequires = "approval"'),
    "another license of the code": (b'license = "MIT"', b'license = "CC-BY-NC-4.0"'),
    "no acceptance": (b"accept = true\n", b""),
    "nothing but words": (b'licensor = "Example Lab"', b'licensor = "Another Lab"'),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_told_of_a_document_is_what_publishing_and_moving_does(release: Path, hands: Hands, edit: str) -> None:
    from licet.portal import documents, events, tiers
    from licet.portal.whatif import changes

    old, new = EDITS[edit]
    assert old in WITH_PROGRAMS
    named, body = people(), WITH_PROGRAMS.replace(old, new, 1)
    outcome, before = changes.document(read(body)), answers(named, hands)
    documents.publish(body, events.COMMAND, folder=release)
    tiers.move("sana", events.COMMAND)
    after = answers(named, hands)
    gained, lost = truly(before, after)
    told_gain = {
        s for one in outcome.turned if one.after.answer > one.before.answer for s in [one.kin.standing.holder_id]
    }
    told_lose = {
        s for one in outcome.turned if one.after.answer < one.before.answer for s in [one.kin.standing.holder_id]
    }
    kin_of = {holder.pk: name for name, holder in named.items()}
    assert {kin_of[s] for s in told_gain} <= gained and bool(told_gain) == bool(gained)
    assert {kin_of[s] for s in told_lose} <= lost and bool(told_lose) == bool(lost)
    assert bool(outcome.turned) == (before != after)
    counted = sum(one.kin.holders for one in outcome.turned if one.after.answer < one.before.answer and not one.when)
    exact = {k[:2] for k in before if before[k][0] and not after[k][0]}
    if all(not one.when for one in outcome.turned):
        assert counted == len(exact)


def test_only_the_tiers_that_move_are_asked(release: Path) -> None:
    from licet.portal.whatif import changes

    people()
    edited = read(WITH_PROGRAMS.replace(b'name = "vip"\nfeatures = ["*"]', b'name = "vip"\nfeatures = ["basic"]'))
    assert turned_by(changes.document(edited)) == (0, 1)
    assert turned_by(changes.document(edited, ["free"])) == (0, 0)
    assert turned_by(changes.document(edited, ["vip"])) == (0, 1)


def test_a_quota_is_told_with_its_figures(release: Path) -> None:
    from licet.portal.whatif import changes, told

    people()
    outcome = changes.document(read(WITH_PROGRAMS.replace(b'"10 calls / month"', b'"9 calls / month"')))
    assert {one.way for one in outcome.turned} == {"loses"}
    line = told.lines(outcome)[0]
    assert (line.before, line.after) == ("yes, 10 calls/month", "yes, 9 calls/month")
    assert told.summary(outcome) == "0 holders gain, 5 lose (of 8 in 5 standings)."
    as_json = json.loads(json.dumps(told.as_json(outcome)))
    assert as_json["lose"] == 5 and as_json["turned"][0]["after"]["limits"] == ["9 calls/month"]


@pytest.mark.parametrize(("tier", "who"), [("premium", "ada"), ("vip", "dan"), ("free", "cyd"), ("vip", "eve")])
def test_what_is_told_of_a_tier_is_what_giving_it_does(release: Path, hands: Hands, tier: str, who: str) -> None:
    from licet.portal import events, tiers
    from licet.portal.whatif import changes

    named = people()
    outcome, before = changes.tier(named[who], "sana", tier), answers(named, hands)
    tiers.give(named[who], "sana", tier, events.COMMAND)
    after = answers(named, hands)
    assert bool(outcome.turned) == (before != after)
    gained, lost = truly(before, after)
    assert (outcome.gain > 0 or outcome.lose > 0) == bool(outcome.turned)
    assert ({who} if any(o.after.answer > o.before.answer for o in outcome.turned) else set()) == gained
    assert ({who} if any(o.after.answer < o.before.answer for o in outcome.turned) else set()) == lost


@pytest.mark.parametrize("whose", ["ada", "hal", "cyd", "@uni.example", "@example.org", "@nobody.example"])
def test_what_is_told_of_a_grant_is_what_making_and_revoking_it_does(release: Path, hands: Hands, whose: str) -> None:
    from licet.portal import events, grants
    from licet.portal.whatif import changes

    named = people()
    holder = named.get(whose, whose.removeprefix("@"))
    outcome, before = changes.grant(holder, "sana", ["advanced", "fetch"]), answers(named, hands)
    row = grants.grant(holder, "sana", ["advanced", "fetch"], events.COMMAND, reason="x")
    after = answers(named, hands)
    changed = {k[0] for k in before if before[k] != after[k]}
    assert outcome.gain == len(changed) and outcome.lose == 0
    back = changes.revoked(row)
    assert (back.gain, back.lose) == (0, len(changed))
    grants.revoke(row, events.COMMAND)
    assert answers(named, hands) == before


def test_a_role_that_loses_its_calls_loses_every_feature_for_its_keys(release: Path) -> None:
    from tests.portal.organizations.conftest import Lab

    from licet.portal.organizations import roles
    from licet.portal.whatif import changes, told

    lab = Lab()
    caller = roles.make(lab.actor(), "Caller", ["call:features", "make:keys"])
    lab.joins("bob", "Caller")
    assert changes.role(caller, ["make:keys"]).asked == 0
    lab.key("bob")
    outcome = changes.role(caller, ["make:keys"])
    assert {(one.action, one.way, one.kin.holders) for one in outcome.turned} == {("basic", "loses", 1)}
    assert told.summary(outcome) == "0 keys gain, 1 loses (of 1 in 1 standing)."
    assert "role" in told.lines(outcome)[0].after
    assert changes.role(caller, ["call:features", "read:usage"]).turned == ()
    with pytest.raises(LicetError, match="role of all organizations"):
        changes.role(lab.role("Member"), ["make:keys"])


def test_callers_without_an_account_are_asked_too(release: Path) -> None:
    from licet.portal.whatif import changes, told

    opened = WITH_PROGRAMS + b'\n[anonymous]\nfeatures = ["basic"]\nquota = ["5 calls / day"]\n'
    outcome = changes.document(read(opened))
    assert [(one.action, one.way, one.kin.holders) for one in outcome.turned] == [("basic", "gains", 0)]
    assert told.lines(outcome)[0].who == "callers without an account"


def test_nothing_is_written(release: Path, hands: Hands) -> None:
    from django.apps import apps

    from licet.portal.whatif import changes

    named = people()

    def everything() -> list[Any]:
        return [row for model in apps.get_models() for row in model._default_manager.order_by("pk").values_list()]

    before = everything()
    changes.document(read(WITH_PROGRAMS.replace(b'["10 calls / month"]', b'["1 calls / month"]')))
    changes.tier(named["ada"], "sana", "premium")
    changes.grant("uni.example", "sana", ["advanced"])
    assert everything() == before
