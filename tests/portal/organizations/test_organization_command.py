"""`licet organization` at the operator's shell: the same functions, the same refusals."""

from __future__ import annotations

import json

import pytest

from licet.cli import main


def test_an_operator_founds_invites_gives_roles_and_removes(
    lab, portal, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    from licet.cli import organization

    monkeypatch.setattr(organization, "open_portal", lambda args: portal)  # this process has one portal already

    def says(*words: str) -> str:
        code = main(["organization", *words])
        told = capsys.readouterr()
        return f"{code} {told.out}{told.err}"

    assert "owned by ada@example.org" in says("found", "Second Lab", "--owner", "ada@example.org")
    assert "/my/organizations/join/" in says("invite", "whale lab", "bob@example.org", "--role", "viewer")
    lab.joins("bob", "Member")
    assert "bob@example.org is Viewer" in says("role", lab.made.pk, "bob@example.org", "Viewer")
    shown = json.loads(says("show", "Whale Lab", "--json")[2:])
    assert [(one["who"], one["role"]) for one in shown] == [("ada@example.org", "Owner"), ("bob@example.org", "Viewer")]
    assert shown[1]["may"] == "read:usage read:tier read:members"
    assert "no longer in Whale Lab" in says("remove", "Whale Lab", "bob@example.org")
    assert says("role", "Whale Lab", "ada@example.org", "Viewer").startswith("1 ")  # the last owner
    assert "did you mean `Whale Lab`" in says("show", "Whale Lap")
    assert "Whale Lab" in says("list")
    assert json.loads(says("acts", "--json")[2:])[0]["act"] == "call:features"
