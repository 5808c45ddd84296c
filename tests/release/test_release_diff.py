"""`changes` says what moved, which way and for whom; where nothing `loses`, nobody who was answered yes is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.release import policy
from licet.release.diff import Change, changes
from licet.release.document import read
from licet.release.release import Release, Tier
from licet.release.weigh import FLIPPED, weigh
from licet.terms import Answer, Ask, may
from licet.terms.clause import Scalar
from licet.terms.fact import bind

EXAMPLE = Path(__file__).with_name("example.toml").read_text()
SANA = read(EXAMPLE.encode())
RESEARCH = "LicenseRef-mistral-research-0.1"  # says no to commercial use of what comes out


def after(*swaps: tuple[str, str]) -> Release:
    text = EXAMPLE
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new, 1)
    return read(text.encode())


CASES = [  # what stood, what stands, the change: way, words, tiers
    ('"1000 calls / month"', '"500 calls / month"',
     "stricter: tier `free` has the quota 500 calls / month, not 1000", "free"),
    ('"1000 calls / month"', '"5000 calls / month"',
     "looser: tier `free` has the quota 5000 calls / month, not 1000", "free"),
    ('quota = ["1000 calls / month"]', "", "looser: tier `free` has the quota 1000 calls / month no more", "free"),
    ('"1000 calls / month"', '"1000 calls / month", "9 calls / day"',
     "stricter: tier `free` has the quota 9 calls / day", "free"),
    ('"60 / minute"', '"1 / second"', "other: tier `free` has the rate 1 / second, not 60 / minute", "free"),
    ('"60 / minute"', '"30 / minute"', "stricter: tier `free` has the rate 30 / minute, not 60 / minute", "free"),
    ('rate = "60 / minute"', "", "looser: tier `free` has the rate 60 / minute no more", "free"),
    ("concurrency = 2", "concurrency = 1", "stricter: tier `free` has the concurrency 1, not 2", "free"),
    ("concurrency = 2", "", "looser: tier `free` has the concurrency 2 no more", "free"),
    ("concurrency = 2", "concurrency = 2\nseats = 5", "stricter: tier `free` has seats 5", "free"),
    ('requires = "approval"', "", "looser: tier `research` needs no approval any more", "research"),
    ('name = "research"\nfeatures = ["*"]', 'name = "research"\nfeatures = ["chat"]',
     "stricter: tier `research` no longer has `basic_analysis`", "research"),
    ('name = "free"\nfeatures = ["basic_analysis"]', 'name = "free"\nfeatures = ["*"]',
     "looser: tier `free` now has `chat`", "free"),
    ('name = "premium"', 'name = "gold"', "stricter: tier `premium` is gone", "premium"),
    ('name = "premium"', 'name = "gold"', "looser: tier `gold` is new", "gold"),
    ('"9.00 EUR / month"', '"9.50 EUR / month"',
     "stricter: tier `premium` costs 9.50 EUR / month, not 9.00 EUR / month", "premium"),
    ('"9.00 EUR / month"', '"9.000 EUR / month"', "", ""),
    ('"9.00 EUR / month"', '"90.00 EUR / year"',
     "other: tier `premium` costs 90.00 EUR / year, not 9.00 EUR / month", "premium"),
    ('price = "9.00 EUR / month"\ngrace_days = 7', "",
     "looser: tier `premium` costs nothing, not 9.00 EUR / month", "premium"),
    ('"0.40 EUR / 1000 calls"', '"0.40 EUR / 900 calls"',
     "stricter: tier `premium` goes on past its quota of calls for 0.40 EUR / 900 calls", "premium"),
    ('"0.40 EUR / 1000 calls", ', "", "other: tier `premium` stops at its quota of calls", "premium"),
    ("grace_days = 7", "grace_days = 3",
     "stricter: tier `premium` goes on for 3 days after a failed payment, not 7", "premium"),
    ("licenses = { weights", '# { weights',
     "stricter: tier `premium` carries no license for `weights`, no longer", "premium"),
    ('quota = ["20 calls / day"]', 'quota = ["10 calls / day"]',
     "stricter: anonymous access has the quota 10 calls / day, not 20 calls / day", "anonymous"),
    ('[anonymous]\nfeatures = ["basic_analysis"]\nquota = ["20 calls / day"]', "",
     "stricter: anonymous access is gone", "anonymous"),
    ('license = "CC-BY-NC-4.0"', 'license = "Apache-2.0"',
     "looser: component `weights` is under Apache-2.0, no longer under CC-BY-NC-4.0", "premium research"),
    ('license = "CC-BY-NC-4.0"\naccept = true', "proprietary = true",
     "stricter: component `weights` is proprietary, no longer under CC-BY-NC-4.0", "premium research"),
    ("proprietary = true", 'license = "MIT"', "looser: component `trainer` is under MIT, no longer proprietary", ""),
    ("change_date = 2028-01-01", "change_date = 2029-01-01",
     "stricter: component `weights` changes its license later", "premium research"),
    ("change_date = 2028-01-01", "change_date = 2027-01-01",
     "looser: component `weights` changes its license sooner", "premium research"),
    ('change_date = 2028-01-01\nchange_license = "Apache-2.0"', "",
     "stricter: component `weights` will no longer become Apache-2.0", "premium research"),
    ('change_license = "Apache-2.0"', 'change_license = "CC-BY-NC-ND-4.0"',
     "stricter: component `weights` will be CC-BY-NC-ND-4.0 from its change date, not Apache-2.0", "premium research"),
    ("upstream = [{", "# [{",
     "looser: component `weights` no longer stands under the terms of `gemma-2-2b-it`", "premium research"),
    ('path = "src/"', 'path = "lib/"', "other: component `code` covers other files", ""),
    ('serves = ["weights"]', 'serves = ["weights", "code"]',
     "stricter: feature `chat` serves `code`", "premium research"),
    ("cost = 1", "cost = 2",
     "stricter: feature `basic_analysis` costs 2 units a call, not 1", "anonymous free premium research"),
    ("cost = 1", "timeout_s = 60",
     "looser: feature `basic_analysis` may run for 60 seconds, not 30", "anonymous free premium research"),
    ("cost = 1", "max_bytes = 9",
     "stricter: feature `basic_analysis` takes at most 9 bytes", "anonymous free premium research"),
    ('declare = ["commercial"]', "",
     "looser: the release asks nobody to declare `commercial`", "free premium research"),
    ('declare = ["commercial"]', 'declare = ["commercial", "country"]',
     "stricter: the release asks every caller to declare `country`", "free premium research"),
    ("notice_days = 30", "notice_days = 5",
     "stricter: the release gives notice 5 days before stricter terms, not 30", "free premium research"),
    ("notice_days = 30", "notice_days = 30\npledge = true",
     "looser: the release pledges that nobody is moved to less", "free premium research"),
    ('licensor = "Example Lab"', 'licensor = "Other Lab"', "other: the release has the licensor `Other Lab`", ""),
    ("We keep the weights non-commercial", "We keep them", "", ""),
    ('call = "demo.features', 'call = "other.features', "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words", "tiers"), CASES, ids=[c[2] or f"nothing: {c[1][:30]}" for c in CASES])
def test_one_changed_term_is_told_once_and_the_right_way(old: str, new: str, words: str, tiers: str) -> None:
    found = changes(SANA, after((old, new)))
    told = [c for c in found if words and str(c).startswith(words)]
    assert [sorted(c.tiers) for c in told] == ([tiers.split()] if words else []), list(map(str, found))
    assert len(found) == (2 if "gold" in new or "proprietary" in new else 1 if words else 0), list(map(str, found))


def test_a_change_cites_its_line_in_both_documents() -> None:
    (change,) = changes(SANA, after(('"1000 calls / month"', '"500 calls / month"'), ("notice_days = 30\n", "")))
    line = EXAMPLE[: EXAMPLE.index('"1000 calls')].count("\n") + 1
    assert (change.before, change.after) == (f"licet.toml@{SANA.sha256[:6]}:{line}", f"licet.toml:{line - 1}")


def test_losses_are_what_takes_from_somebody_who_holds_a_tier() -> None:
    new = after(
        ('"1000 calls / month"', '"5 calls / month"'),
        ('"20000 calls', '"30000 calls'),
        ('path = "src/"', 'path = "lib/"'),
    )
    assert [(c.way, sorted(c.tiers)) for c in changes(SANA, new) if c.loses] == [("stricter", ["free"])]


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [
        ("MIT", "MIT", "other"),
        ("CC-BY-NC-4.0", "CC-BY-4.0", "looser"),
        ("CC-BY-4.0", "CC-BY-NC-4.0", "stricter"),
        ("GPL-3.0-only", "MIT", "looser"),
        ("MIT", "GPL-3.0-only OR MIT", "other"),
        ("CC-BY-NC-4.0", "MIT OR CC-BY-NC-4.0", "looser"),
        (None, "CC-BY-NC-4.0", "looser"),
        (None, RESEARCH, "other"),  # more for those who want the files, less for those who call
        ("MIT", RESEARCH, "stricter"),
        ("MIT", None, "stricter"),
        (None, None, "other"),
    ],
)
def test_licenses_are_weighed_by_the_answers_they_give(old: str | None, new: str | None, way: str) -> None:
    assert weigh(old, new) == way


# --- laws, over releases made of a few choices in every term --------------------------------------------------------------

LICENSES = ['license = "MIT"', 'license = "CC-BY-NC-4.0"', f'license = "{RESEARCH}"', "proprietary = true"]
QUOTAS = ['"5 calls / day"', '"9 calls / day"', '"7 units / month"', '{ limit = "3 calls / day", features = ["a"] }']
TEXT = """
[release]
name = "sana"
version = "1"
licensor = "Lab"
{declare}
[[component]]
name = "code"
kind = "code"
license = "MIT"
[[component]]
name = "weights"
kind = "weights"
path = "w"
{license}
{upstream}
[[feature]]
name = "a"
call = "m:a"
serves = {serves}
cost = {cost}
[[feature]]
name = "b"
call = "m:b"
serves = ["weights"]
[[feature]]
name = "c"
download = "weights"
"""


def levels(name: str) -> dict[str, list[str]]:
    return {
        f"{name} features": ["'a'", "'a', 'b'", "'*'"],
        f"{name} quota": ["", *(f"quota = [{q}]" for q in QUOTAS), f"quota = [{', '.join(QUOTAS[1:])}]"],
        f"{name} requires": ["", 'requires = "approval"'],
        f"{name} licenses": ["", 'licenses = { weights = "MIT" }'],
    }


CHOICES: dict[str, list[str]] = {
    "declare": ["", 'declare = ["commercial"]', 'declare = ["commercial", "country"]'],
    "license": LICENSES,
    "accept": ["", "accept = true"],
    "change": ["", 'change_date = 2028-01-01\nchange_license = "MIT"'],
    "upstream": ["", f'upstream = [{{ name = "u", license = "{RESEARCH}" }}]'],
    "serves": ['["code"]', '["weights"]', '["code", "weights"]'],
    "cost": ["1", "3"],
    "tiers": ["free", "free paid"],
    **levels("free"),
    **levels("paid"),
}


def written(chosen: dict[str, str]) -> Release:
    own = ("license",) if chosen["license"].startswith("prop") else ("license", "accept", "change")
    text = TEXT.format(**{**chosen, "license": "\n".join(chosen[key] for key in own)})
    for tier in chosen["tiers"].split():
        text += f'[[tier]]\nname = "{tier}"\nfeatures = [{chosen[f"{tier} features"]}]\n'
        text += "".join(f"{chosen[f'{tier} {key}']}\n" for key in ("quota", "requires", "licenses"))
    return read(text.encode())


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Release, Release]:
    """Two documents that differ in a few terms: few, so that no change hides behind another."""
    old = {key: draw(st.sampled_from(choices)) for key, choices in CHOICES.items()}
    moved = draw(st.lists(st.sampled_from(sorted(CHOICES)), min_size=1, max_size=3, unique=True))
    return written(old), written(old | {key: draw(st.sampled_from(CHOICES[key])) for key in moved})


PLAIN = {key: choices[0] for key, choices in CHOICES.items()} | {
    "declare": 'declare = ["commercial"]',
    "serves": '["weights"]',
    "free features": "'*'",
}
BASES = [PLAIN, PLAIN | {"accept": "accept = true"}, PLAIN | {"license": LICENSES[2]}, PLAIN | {"license": LICENSES[3]}]


@given(pairs())
def test_nothing_changed_is_no_change(both: tuple[Release, Release]) -> None:
    release = both[0]
    assert changes(release, replace(release, sha256="0" * 64, why="because")) == ()


@given(pairs())
def test_the_way_back_is_the_way_there_turned_round(both: tuple[Release, Release]) -> None:
    old, new = both

    def told(found: tuple[Change, ...], turned: bool) -> list[tuple[str, str, list[str]]]:
        return sorted((FLIPPED[c.way] if turned else c.way, c.subject, sorted(c.tiers)) for c in found)

    assert told(changes(old, new), False) == told(changes(new, old), True)


@given(pairs())
def test_whoever_loses_nothing_is_still_answered_yes(both: tuple[Release, Release]) -> None:
    """Anybody with a complete standing under the old document, for any feature, at any count and any moment."""
    keeps_its_word(*both)


@pytest.mark.parametrize("key", CHOICES)
def test_no_single_change_takes_a_yes_unsaid(key: str) -> None:
    for base in BASES:
        for one, other in permutations(CHOICES[key], 2):
            keeps_its_word(written(base | {key: one}), written(base | {key: other}))


def keeps_its_word(old: Release, new: Release) -> None:
    losing = frozenset[str]().union(*(c.tiers for c in changes(old, new) if c.loses))
    for tier in old.tiers:
        if tier.name in losing:
            continue
        for feature, commercial, count, now_s in product("abc", (True, False), (4, 8), (1_800_000_000, 1_900_000_000)):
            facts = standing(old, new, tier, commercial, count, now_s)
            if answer(old, feature, tier, facts) is Answer.YES:
                assert answer(new, feature, tier, facts) is Answer.YES, list(map(str, changes(old, new)))


def standing(old: Release, new: Release, tier: Tier, commercial: bool, count: int, now_s: int) -> dict[str, Scalar]:
    """All that the old document asks for: approved, declared, accepted."""
    counters = {q.counter for r in (old, new) for t in r.tiers for q in t.quotas}
    facts: dict[str, Scalar] = {f"used:{c}": count for c in counters} | {"now_s": now_s}
    declared: dict[str, Scalar] = {"commercial": commercial, "country": "DE"}
    for name in old.declare:
        facts |= {name: declared[name], f"declared:{name}": True}
    facts |= {f"approved:{tier.name}": True} if tier.requires_approval else {}
    facts |= {f"paid:{tier.name}": True} if tier.price else {}
    carried = frozenset(tier.licenses.values())
    return facts | {f"accepted:{e}": True for c in old.components if c.accept for e in {str(c.license), *carried}}


def answer(release: Release, feature: str, tier: Tier, facts: dict[str, Scalar]) -> Answer:
    tree = policy.served(release, feature)
    component = next(f.serves[0] for f in release.features if f.name == feature)
    return may(tree, bind(tree, Ask(feature, component, frozenset({"account", f"tier:{tier.name}"}), facts))).answer
