"""`licet whatif` says the same as the console, as lines and as JSON, and its exit code tells of losers."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from tests.programs.conftest import WITH_PROGRAMS

from licet.errors import LicetError


@pytest.fixture
def run(release: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    from licet.cli import whatif as command
    from licet.portal import accounts, events

    monkeypatch.setattr(command, "open_portal", lambda args: None)
    for name in ("ada", "bob"):
        accounts.create(f"{name}@example.org", "correct horse battery", events.COMMAND)

    def ran(*words: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        command.add(parser.add_subparsers())
        args = parser.parse_args(["whatif", *words])
        return args.run(args), capsys.readouterr().out

    return ran


def test_an_edited_file_is_asked_about_and_its_losers_are_an_exit_code(run, release: Path) -> None:
    (release / "licet.toml").write_bytes(WITH_PROGRAMS.replace(b"10 calls", b"9 calls"))
    code, said = run("publish", str(release))
    assert code == 0
    assert said.splitlines()[:2] == [
        "0 holders gain, 2 lose (of 2 in 1 standing).",
        "  - basic: 2 holders of tier free",
    ]
    assert "yes, 10 calls/month" in said and "-> yes, 9 calls/month" in said
    assert run("publish", str(release), "--exit-code")[0] == 1
    assert run("publish", str(release), "--exit-code", "--move", "vip") == (
        0,
        "Nothing turns for anybody (2 holders asked).\n",
    )
    told = json.loads(run("publish", str(release), "--json")[1])
    assert (told["gain"], told["lose"], told["asked"]) == (0, 2, {"holders": 2, "standings": 1})
    assert told["turned"][0]["way"] == "loses" and len(told["turned"][0]["some"]) == 2


def test_a_tier_a_grant_and_its_end_are_asked_about(run) -> None:
    from licet.portal import events, grants
    from licet.portal.whatif.who import holder

    assert "1 holder gains, 0 lose" in run("tier", "ada@example.org", "vip")[1]
    assert "2 holders gain, 0 lose" in run("grant", "@example.org", "advanced", "--quota", "5 calls / day")[1]
    assert "yes, 5 calls/day" in run("grant", "ada@example.org", "advanced", "--quota", "5 calls / day")[1]
    row = grants.grant(holder("ada@example.org"), "sana", ["advanced"], events.COMMAND, reason="x")
    assert "0 holders gain, 1 loses" in run("revoke", row.pk)[1]
    grants.revoke(row, events.COMMAND)
    for words, says in (
        (("revoke", row.pk), "no grant .* in force"),
        (("tier", "ada@example.org", "vpi"), "no tier `vpi`"),
        (("grant", "ada@example.org", "advancd"), "no feature"),
        (("role", "Whale Lab", "Caller", "call:features"), "no organization"),
        (("role", "ada@example.org", "Caller", "cal:features"), "no act `cal:features`"),
    ):
        with pytest.raises(LicetError, match=says):
            run(*words)


def test_a_role_is_asked_about(run) -> None:
    from tests.portal.organizations.conftest import Lab

    from licet.portal.organizations import roles

    lab = Lab()
    roles.make(lab.actor(), "Caller", ["call:features", "make:keys"])
    lab.joins("bob", "Caller")
    lab.key("bob")
    assert "0 keys gain, 1 loses" in run("role", "Whale Lab", "Caller", "make:keys")[1]


def test_a_no_after_a_change_of_tier_names_the_tier_that_would_be_held(run) -> None:
    from licet.portal import events, tiers
    from licet.portal.whatif.who import holder

    tiers.give(holder("ada@example.org"), "sana", "vip", events.COMMAND)
    said = run("tier", "ada@example.org", "free")[1]
    assert "  - advanced: ada@example.org of tier vip" in said
    assert "-> no: Feature not available in free tier" in said and "not available in vip tier" not in said
