"""`licet certificate` and `licet may --holder`: an operator's shell, and what a known holder was promised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.portal.certificates.sold import COMMERCIAL, organization, publish, somebody

from licet.cli import main
from licet.portal.config import PortalConfig


@pytest.fixture
def desk(
    portal: PortalConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Any:
    publish(tmp_path)
    monkeypatch.setenv("LICET_URL", portal.url)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--data", str(portal.data)] if words[0] != "may" else list(words))
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_a_certificate_is_issued_listed_shown_verified_and_taken_back(desk: Any, tmp_path: Path) -> None:
    organization(somebody())
    words = ["certificate", "issue", "Whale Watch", "weights", "--license", COMMERCIAL, "--until", "2099-01-01"]
    code, out, _ = desk(*words)
    assert code == 0
    assert f"Whale Watch has {COMMERCIAL} for weights 1.0.0, until 2099-01-01" in out
    assert desk(*words)[1] == out  # twice is once
    (row,) = json.loads(desk("certificate", "list", "--json")[1])
    assert (row["holder"], row["state"], row["for"]) == ("Whale Watch", "in force", "operator")
    file = tmp_path / "c.json"
    file.write_text(desk("certificate", "show", row["certificate"])[1])
    code, out, _ = desk("verify", str(file))  # with the keys of the server here
    assert (code, out.startswith("HOLDS")) == (0, True)
    assert desk("certificate", "revoke", row["certificate"], "--why", "terms broken")[0] == 0
    assert "already" in desk("certificate", "revoke", row["certificate"])[1]
    assert "no certificates" in desk("certificate", "list")[1]
    assert "taken back" in desk("certificate", "list", "--all")[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["issue", "eve@example.org", "weights", "--license", "MIT"], "no account"),
        (["issue", "@uni.example", "weights", "--license", "MIT"], "no account"),
        (["issue", "ada@example.org", "wieghts", "--license", "MIT"], "did you mean `weights`"),
        (["issue", "ada@example.org", "weights", "--license", "Nonsense 7"], "Nonsense"),
        (["show", "cert_0"], "licet certificate list"),
        (["revoke", "cert_0"], "licet certificate list"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_mend(desk: Any, words: list[str], says: str) -> None:
    somebody()
    code, _, err = desk("certificate", *words)
    assert (code, says in err) == (1, True), err


def test_a_rotated_key_is_told_and_a_license_without_text_is_remarked(desk: Any) -> None:
    somebody()
    assert "carries no text" in desk("certificate", "issue", "ada@example.org", "weights", "--license", "CC0-1.0")[2]
    assert "signs from now on" in desk("certificate", "rotate")[1]
    assert "signed anew" in desk("certificate", "rotate", "--compromised")[1]


def test_without_keys_verify_says_so(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{}")
    code, _, err = desk("verify", str(tmp_path / "c.json"))
    assert (code, "signed nothing yet" in err) == (2, True)


def test_a_known_holder_is_answered_with_what_was_promised_and_without_it_as_before(
    desk: Any, portal: PortalConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal import events
    from licet.portal.certificates import issuing

    ada = somebody()
    words = ["may", "commercial-use", "--component", "weights", "--holder", ada.pk, "--json"]
    monkeypatch.setenv("LICET_DATA", str(portal.data))

    def answer() -> Any:
        return json.loads(desk(*words)[1])

    before = answer()
    assert before["answer"] == "no"
    row = issuing.issue(ada, "sana", "weights", COMMERCIAL, events.COMMAND)
    told = answer()
    assert (told["answer"], told["because"][0]["cite"]) == ("yes", f"certificate {row.pk}")
    assert [duty["says"] for duty in told["duties"]] == ["Name the lab."]
    issuing.revoke(row, events.COMMAND)
    assert answer() == before


def test_a_backup_brings_the_key_back_with_what_it_signed(desk: Any, portal: PortalConfig, tmp_path: Path) -> None:
    from licet.cli import archive
    from licet.portal import events
    from licet.portal.certificates import issuing

    row = issuing.issue(somebody(), "sana", "weights", COMMERCIAL, events.COMMAND)
    saved = archive.save(portal.data, tmp_path / "b.tar.gz", now="now", version="0")
    assert f"secrets/certificate-{row.kid}.key" in saved
    archive.load(tmp_path / "b.tar.gz", tmp_path / "again")
    key = tmp_path / "again" / "secrets" / f"certificate-{row.kid}.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text() == (portal.data / "secrets" / key.name).read_text()
