"""People who call already are brought in whole, or not at all; a key that stands in the file is never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from licet.access.key import digest
from licet.errors import Findings
from licet.portal.directory import SqliteDirectory


def bring(text: str) -> tuple[int, int]:
    from licet.portal import events, imports

    brought = imports.bring_in(text, "sana", events.COMMAND, path="users.csv")
    return brought.accounts, brought.keys


def test_people_come_with_the_keys_they_have(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import accounts

    mine = digest("sk-of-another-gateway").hex()
    text = f"email,tier,name,sha256,fact:commercial\nAda@example.org,vip,old key,{mine},true\neve@example.org,,,,\n"
    assert bring(text) == (2, 1)
    found = directory.credential(digest("sk-of-another-gateway"))
    assert found is not None and found.facts == {"commercial": True}
    standing = directory.standing(found.holder_id, "sana")
    assert standing is not None and standing.tier == "vip"
    assert accounts.find("ada@example.org").pk == found.holder_id
    assert directory.standing(accounts.find("eve@example.org").pk, "sana").tier == "free"
    assert bring("email,tier\nada@example.org,premium\n") == (0, 0)


def test_every_wrong_line_is_told_at_once_and_nothing_is_done(release: Path) -> None:
    from licet.portal.models import Account, Key

    twice = "a" * 64
    text = (
        "email,tier,sha256,expires,fact:commercial\n"
        "ada@example.org,premum,,,\n"
        "not an address,,,,\n"
        "bob@example.org,,lic_live_a_key_that_stood_here,,\n"
        f"cyd@example.org,,{twice},31.1.2027,\n"
        f"dan@example.org,,{twice},,perhaps\n"
    )
    with pytest.raises(Findings) as raised:
        bring(text)
    told = [(f.line, f.rule) for f in raised.value.findings]
    assert told == [(2, "tier"), (3, "email"), (4, "sha256"), (5, "expires"), (6, "fact"), (6, "twice")]
    assert "did you mean `premium`" in str(raised.value)
    assert "lic_live" not in str(raised.value)
    assert not Account.objects.exists() and not Key.objects.exists()


@pytest.mark.parametrize("text", ["", "email\n", "mail\nada@example.org\n", "email,age\nada@example.org,3\n"])
def test_a_file_without_people_or_with_other_columns_is_refused(release: Path, text: str) -> None:
    with pytest.raises(Findings):
        bring(text)
