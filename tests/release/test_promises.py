"""What may stand in `[[certificate]]` and in `ask`? Each refusal has its line and its mend."""

from __future__ import annotations

import pytest

from licet.errors import Findings
from licet.release.certify import promised
from licet.release.diff import changes
from licet.release.document import read
from licet.release.weigh import FLIPPED
from licet.terms import Answer, Ask, Policy, Verdict, may
from licet.terms.fact import bind

HEAD = """\
[release]
name = "sana"
version = "1.2.0"
licensor = "Example Lab"

[[component]]
name = "weights"
kind = "weights"
license = "CC-BY-NC-4.0"
accept = true
ask = ["Your affiliation"]

[[feature]]
name = "fetch"
download = "weights"

[[tier]]
name = "premium"
features = ["fetch"]
price = "9.00 EUR / month"
licenses = { weights = "LicenseRef-Example-Commercial-1.0" }
"""
SOLD = """
[[certificate]]
license = "LicenseRef-Example-Commercial-1.0"
can = ["use", "modify"]
must = ["Name the lab."]
"""


def test_a_promise_and_a_question_are_read_with_their_lines() -> None:
    release = read((HEAD + SOLD).encode())
    promise = release.promise("LicenseRef-Example-Commercial-1.0")
    assert promise is not None
    assert (promise.can, promise.must, promise.line) == (("use", "modify"), ("Name the lab.",), 23)
    assert release.components[0].ask == ("Your affiliation",)
    assert release.promise("MIT") is None
    assert not release.warnings


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('"use", "modify"', '"use", "mdify"', "unknown-action"),
        ('"use", "modify"', '"commercial-use"', "unknown-action"),
        ('can = ["use", "modify"]', "", "missing-key"),
        ('can = ["use", "modify"]', "can = []", "empty"),
        ('must = ["Name the lab."]', "cannot = []", "unknown-key"),
        ('must = ["Name the lab."]', SOLD, "twice"),
        ("accept = true\n", "", "ask-nobody"),
        ('["Your affiliation"]', f'["{"x" * 121}"]', "too-long"),
        ('["Your affiliation"]', repr([f"q{n}" for n in range(11)]), "too-long"),
        ('["Your affiliation"]', '["a", "a"]', "twice"),
        ('["Your affiliation"]', "[]", "empty"),
        ('["Your affiliation"]', '["a\\u202e"]', "unprintable"),
    ],
)
def test_what_cannot_stand_there_is_a_finding(old: str, new: str, rule: str) -> None:
    assert old in HEAD + SOLD
    with pytest.raises(Findings) as found:
        read((HEAD + SOLD).replace(old, new).encode())
    assert rule in {f.rule for f in found.value.findings}


def test_a_promise_that_nobody_can_buy_is_odd() -> None:
    release = read((HEAD + SOLD).replace('weights = "LicenseRef-Example-Commercial-1.0"', 'weights = "MIT"').encode())
    assert [w.rule for w in release.warnings] == ["certificate-unsold"]


@pytest.mark.parametrize(
    ("old", "new", "ways"),
    [
        ('"use", "modify"', '"use", "modify", "distribute"', {"looser"}),
        ('"use", "modify"', '"use"', {"stricter"}),
        ('"use", "modify"', '"use", "distribute"', {"other"}),
        ('must = ["Name the lab."]', 'must = ["Name the lab.", "Pay."]', {"stricter"}),
        ('must = ["Name the lab."]', "", {"looser"}),
        (SOLD, "", {"other"}),
        ('ask = ["Your affiliation"]', 'ask = ["Your affiliation", "Your use"]', {"stricter"}),
        ('ask = ["Your affiliation"]', "", {"looser"}),
        ("x", "x", set()),
    ],
)
def test_what_a_certificate_promises_and_what_is_asked_are_terms(old: str, new: str, ways: set[str]) -> None:
    before = HEAD + SOLD
    after = before.replace(old, new)
    found = changes(read(before.encode()), read(after.encode()))
    assert {change.way for change in found} == ways
    assert all(change.tiers == {"premium"} for change in found)
    assert {FLIPPED[c.way] for c in changes(read(after.encode()), read(before.encode()))} == ways


def test_a_promise_is_in_the_licensors_words_and_without_one_in_those_of_the_license() -> None:
    release = read((HEAD + SOLD).encode())
    told = promised(release, "LicenseRef-Example-Commercial-1.0")
    facts = {"commercial": True}

    def ask(policy: Policy, action: str) -> Verdict:
        return may(policy, bind(policy, Ask(action, "weights", frozenset(), facts)))

    verdict = ask(told, "use")
    assert verdict.answer is Answer.YES
    assert [c.duty for c in verdict.duties] == ["Name the lab."]
    assert verdict.because[0].cite == f"licet.toml@{release.sha256[:6]}:23"
    assert ask(told, "sublicense").answer is Answer.NO
    assert ask(promised(release, "MIT"), "distribute").answer is Answer.YES
    assert ask(promised(release, "LicenseRef-Nobody-Read-This-1.0"), "use").answer is Answer.DEPENDS
