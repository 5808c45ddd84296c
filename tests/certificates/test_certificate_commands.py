"""`licet verify` and `licet may --certificate`: offline, with files alone."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.certificates.certified import KEY, OTHER, SAMPLE, USE, file

from licet.certificate import Revocations, sealed
from licet.certificate.keys import jwk
from licet.certificate.seal import signature
from licet.cli import main
from licet.terms import Clause, Says, Terms

DAY_S = 86_400
TOML = """\
[release]
name = "sana"
version = "1.2.0"
licensor = "Example Lab"

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "MIT"

[[component]]
name = "weights"
kind = "weights"
path = "weights/"
license = "CC-BY-NC-4.0"

[[component]]
name = "adapter"
kind = "adapter"
path = "adapter/"
license = "MIT"
upstream = [{ name = "base", license = "CC-BY-NC-4.0" }]

[[feature]]
name = "fetch"
download = "weights"

[[tier]]
name = "premium"
features = ["fetch"]
price = "9.00 EUR / month"
licenses = { weights = "LicenseRef-Example-Commercial-1.0", adapter = "LicenseRef-Example-Commercial-1.0" }

[[certificate]]
license = "LicenseRef-Example-Commercial-1.0"
can = ["use", "modify"]
"""


class Desk:
    """A folder with a release and the files that a customer has."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.now_s = int(time.time())
        self.span = {"from_s": self.now_s - DAY_S, "until_s": self.now_s + DAY_S}
        self.certificate, self.keys, self.list = (folder / n for n in ("c.json", "jwks.json", "list.json"))
        (folder / "licet.toml").write_text(TOML)
        self.keys.write_text(json.dumps({"keys": [jwk(KEY.public)]}))
        self.give()

    def give(self, key: Any = KEY, **changed: Any) -> None:
        self.certificate.write_bytes(file(SAMPLE, key, **{**self.span, **changed}))

    def revoke(self, *ids: str, expires_s: int | None = None, key: Any = KEY) -> None:
        until_s = self.now_s + DAY_S if expires_s is None else expires_s
        told = Revocations((SAMPLE.issuer,), self.now_s - 5, until_s, dict.fromkeys(ids, self.now_s - 7)).statement()
        self.list.write_bytes(sealed("revocations", told, signature("revocations", told, key)))

    def run(self, *words: str | Path) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        told = self._capsys.readouterr()
        return code, told.out, told.err

    def verify(self, *words: str | Path) -> tuple[int, str, str]:
        return self.run("verify", self.certificate, "--key", self.keys, *words)

    def may(self, action: str, *words: str | Path) -> dict[str, Any]:
        code, out, err = self.run(
            "may", action, "--certificate", self.certificate, "--certificate-key", self.keys, "--json", *words
        )
        assert code == 0, err
        told: dict[str, Any] = json.loads(out)
        return told


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def test_what_holds_exits_0_and_says_for_whom_and_until_when(desk: Desk) -> None:
    code, out, _ = desk.verify()
    assert code == 0
    assert out.startswith("HOLDS  It holds, until ")
    for word in ("Whale Watch", "weights of sana 1.2.0", SAMPLE.license.sha256, KEY.kid, "was not asked"):
        assert word in out, word
    desk.revoke()
    code, out, _ = desk.verify("--revocations", desk.list)
    assert (code, "was not asked" in out) == (0, False)
    code, out, _ = desk.verify("--json")
    told = json.loads(out)
    assert (told["holds"], told["code"], told["holder"]["name"], told["id"]) == (True, "", "Whale Watch", "cert_1")


def test_a_certificate_is_read_from_standard_input(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(desk.certificate.read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert desk.run("verify", "-", "--key", desk.keys)[0] == 0


def spoil_changed(desk: Desk) -> None:
    desk.certificate.write_bytes(desk.certificate.read_bytes().replace(b"Whale Watch", b"Whale Catch"))


def spoil_junk(desk: Desk) -> None:
    desk.certificate.write_text("{")


SPOILT = [
    (spoil_changed, "bad_signature"),
    (spoil_junk, "unreadable"),
    (lambda desk: desk.give(until_s=desk.now_s - 5), "expired"),
    (lambda desk: desk.give(from_s=desk.now_s + 500), "not_yet"),
    (lambda desk: desk.give(key=OTHER), "unknown_key"),
    (lambda desk: desk.revoke("cert_1"), "revoked"),
    (lambda desk: desk.revoke(expires_s=desk.now_s - 1), "revocations_stale"),
]


@pytest.mark.parametrize(("spoil", "code"), SPOILT)
def test_what_does_not_hold_exits_1_with_its_reason(desk: Desk, spoil: Any, code: str) -> None:
    desk.revoke()
    spoil(desk)
    exit_code, out, _ = desk.verify("--revocations", desk.list, "--json")
    assert (exit_code, json.loads(out)["code"]) == (1, code)
    assert desk.verify("--revocations", desk.list)[1].startswith("DOES NOT HOLD  ")


def test_what_cannot_be_asked_exits_2(desk: Desk) -> None:
    for words in (["verify", "nothing.json", "--key", desk.keys], ["verify", desk.certificate],
                  ["verify", desk.certificate, "--key", "nothing"], ["verify", desk.certificate, "--key", desk.certificate],
                  ["verify", desk.certificate, "--key", desk.keys, "--revocations", desk.certificate]):  # fmt: skip
        code, out, err = desk.run(*words)
        assert (code, out) == (2, ""), words
        assert err.strip(), words
    assert "/.well-known/jwks.json" in desk.run("verify", desk.certificate)[2]
    desk.revoke(key=OTHER)
    assert desk.verify("--revocations", desk.list)[0] == 2


def test_a_receipt_is_verified_too_and_a_changed_one_is_none(desk: Desk) -> None:
    told = {
        "format": "licet-receipt/1",
        "license": {"id": "MIT", "sha256": "0" * 64},
        "accepted": "2026-11-23T05:00:00Z",
    }
    desk.certificate.write_bytes(sealed("receipt", told, signature("receipt", told, KEY)))
    code, out, _ = desk.verify()
    assert (code, "MIT was accepted at 2026-11-23T05:00:00Z" in out) == (0, True)
    desk.certificate.write_bytes(desk.certificate.read_bytes().replace(b"2026", b"2025"))
    assert desk.verify()[0] == 1


def test_with_a_certificate_the_answer_is_yes_and_cites_it(desk: Desk) -> None:
    told = desk.may("commercial-use")
    assert told["answer"] == "yes"
    assert [one["cite"] for one in told["because"]] == ["certificate cert_1", USE.cite]
    assert (told["certificate"]["holds"], told["certificate"]["id"]) == (True, "cert_1")
    assert desk.may("sell")["answer"] == "no"  # what it does not name stays as the license says
    assert (
        desk.may("use", "--fact", "commercial=false", "--component", "code")["certificate"]["code"] == "other_component"
    )
    plain = desk.run("may", "commercial-use", "--certificate", desk.certificate, "--certificate-key", desk.keys)[1]
    assert plain.startswith("YES")
    assert "Certificate  It holds, until" in plain


def bare(told: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in told.items() if k != "certificate"}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [*SPOILT, (lambda desk: desk.give(release="other"), "other_release"),
     (lambda desk: desk.give(version="1.3.0"), "other_version"), (lambda desk: desk.give(component="code"), "other_component")],
)  # fmt: skip
def test_one_that_does_not_hold_leaves_exactly_the_answer_from_before_it(desk: Desk, spoil: Any, code: str) -> None:
    before = json.loads(desk.run("may", "commercial-use", "--component", "weights", "--json")[1])
    assert before["answer"] == "no"
    desk.revoke()
    spoil(desk)
    told = desk.may("commercial-use", "--component", "weights", "--revocations", desk.list)
    assert bare(told) == before
    assert (told["certificate"]["holds"], told["certificate"]["code"]) == (False, code)
    plain = desk.run("may", "commercial-use", "--component", "weights", "--certificate", desk.certificate,
                     "--certificate-key", desk.keys, "--revocations", desk.list)[1]  # fmt: skip
    assert "It opens nothing. " in plain


def test_what_upstream_forbids_no_certificate_allows(desk: Desk) -> None:
    desk.give(component="adapter")
    told = desk.may("commercial-use")
    assert (told["answer"], told["certificate"]["holds"]) == ("no", True)


def test_its_duties_are_owed_and_its_conditions_are_asked(desk: Desk) -> None:
    from licet.terms import Fact

    few = Clause(Says.CANNOT, frozenset({"use"}), when=(Fact("employees", ">", 50),), cite="L §2")
    duty = Clause(Says.MUST, frozenset({"use"}), duty="name the lab", cite="L §3")
    desk.give(terms=Terms("L", (USE, few, duty)))
    told = desk.may("commercial-use")
    assert (told["answer"], [n["fact"] for n in told["needs"]]) == ("depends", ["employees"])
    told = desk.may("commercial-use", "--fact", "employees=9")
    assert (told["answer"], told["duties"][0]["cite"]) == ("yes", "L §3")
    assert desk.may("commercial-use", "--fact", "employees=99")["answer"] == "no"


def test_a_certificate_says_nothing_of_what_the_gate_serves(desk: Desk) -> None:
    before = json.loads(desk.run("may", "fetch", "--json")[1])
    assert bare(desk.may("fetch")) == before


def test_a_license_has_no_certificate(desk: Desk) -> None:
    code, _, err = desk.run("may", "sell", "MIT", "--certificate", desk.certificate)
    assert (code, "asks about a release" in err) == (2, True)


def test_a_tier_that_sells_the_yes_is_told_where_it_is_one(desk: Desk) -> None:
    told = json.loads(desk.run("may", "commercial-use", "--component", "weights", "--json")[1])
    (way,) = told["would_allow"]
    assert way["offer"] == "tier:premium"
    assert "9.00 EUR / month" in way["detail"] and "LicenseRef-Example-Commercial-1.0" in way["detail"]
    for words in (["sell", "--component", "weights"], ["commercial-use", "--component", "adapter"]):
        assert json.loads(desk.run("may", *words, "--json")[1])["would_allow"] == [], words


def test_without_keys_the_mend_names_the_option_of_this_command(desk: Desk) -> None:
    code, _, err = desk.run("may", "commercial-use", "--certificate", desk.certificate)
    assert (code, "--certificate-key jwks.json" in err) == (2, True)
