"""A role of somebody's is changed, and a document published, only after it was said who gains and who loses."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest
from tests.portal.organizations.conftest import Lab
from tests.portal.test_pages_of_mine import client
from tests.programs.conftest import WITH_PROGRAMS


def test_a_role_that_somebody_has_is_changed_after_a_second_yes(release: Path) -> None:
    from licet.portal.organizations import roles
    from licet.portal.organizations.models import Role

    lab = Lab()
    caller = roles.make(lab.actor(), "Caller", ["call:features", "make:keys"])
    ada, page = client("ada@example.org"), f"/my/organizations/{lab.made.pk}/roles/{caller.pk}"
    told: dict[str, Any] = {"name": "Caller", "acts": ["make:keys"]}
    assert ada.post(page, told).status_code == 302  # nobody has it: there is nothing to be sure of
    ada.post(page, {**told, "acts": ["call:features", "make:keys"]})
    lab.joins("bob", "Caller")
    lab.key("bob")
    asked = ada.post(page, told)
    shown = asked.content.decode()
    assert asked.status_code == 200
    for words in ("1 member has this role", "They lose", "call:features", "basic", "1 key of tier free"):
        assert words in shown, words
    assert Role.objects.get(pk=caller.pk).acts == ["call:features", "make:keys"]
    assert ada.post(page, {**told, "sure": "1"}).status_code == 302
    assert Role.objects.get(pk=caller.pk).acts == ["make:keys"]
    assert ada.post(page, {"name": "Callers", "acts": ["make:keys"]}).status_code == 302  # a name alone takes nothing


def test_publishing_tells_who_of_the_moved_gains_and_loses(
    release: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.cli import portal as cli_portal
    from licet.cli import publish
    from licet.portal import accounts, events

    monkeypatch.setattr(cli_portal, "open_portal", lambda args: None)
    for name in ("ada", "bob"):
        accounts.create(f"{name}@example.org", "correct horse battery", events.COMMAND)
    body = WITH_PROGRAMS.replace(b"10 calls", b"9 calls").replace(b'version = "1.0.0"', b'version = "1.1.0"')
    (release / "licet.toml").write_bytes(body)
    parser = argparse.ArgumentParser()
    publish.add(parser.add_subparsers())
    args = parser.parse_args(["publish", str(release), "--move", "free", "--at-once", "a mistake of ours"])
    assert args.run(args) == 0
    said = capsys.readouterr().out
    assert "0 holders gain, 2 lose (of 2 in 1 standing)." in said
    assert "- basic: 2 holders of tier free" in said
    assert said.index("lose (of") < said.index("moved 2")
