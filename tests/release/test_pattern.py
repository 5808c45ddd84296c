"""`licet init --pattern`: every way of releasing is a file that reads clean, and does what its name says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licet.cli import main
from licet.release import bundle, policy
from licet.release.document import read
from licet.release.init import draft
from licet.release.pattern import PATTERNS, opening_day, parts
from licet.release.release import Kind, Release
from licet.terms import CLOCK, Answer, Ask, may
from licet.terms.clause import Scalar
from licet.terms.fact import bind

NOW_S = 1_790_000_000
LICENSES = st.dictionaries(
    st.sampled_from(["code", "weights", "data", "docs", "adapter"]),
    st.sampled_from(["MIT", "cc-by-nc-4.0", "MIT OR Apache-2.0", "LicenseRef-Own-1.0", "llama3.1"]),
    max_size=4,
)


def written(
    name: str, now_s: int = NOW_S, licenses: dict[Kind, str] | None = None, closed: tuple[str, ...] = ()
) -> tuple[str, Release]:
    pattern = PATTERNS[name]
    text = draft(
        "one",
        "Example Lab",
        parts(pattern, now_s, licenses or {}, closed),
        calls=("package.module:upscale",) if pattern.tiers else (),
        tiers=pattern.tiers or ("free",),
        anonymous=pattern.anonymous,
        heading=pattern.heading,
        declare=pattern.declare,
        sold=pattern.sold,
    )
    return text, read(text.encode())


@given(
    st.sampled_from(sorted(PATTERNS)),
    st.integers(0, 4_000_000_000),
    LICENSES,
    st.lists(st.sampled_from(["core", "tools", "x", "code"]), max_size=2).map(tuple),
)
@settings(max_examples=60, deadline=None)
def test_any_pattern_with_any_change_reads_clean(
    name: str, now_s: int, licenses: dict[Kind, str], closed: tuple[str, ...]
) -> None:
    _, release = written(name, now_s, licenses, closed)
    assert release.warnings == () and release.unserved == ()
    assert dict.fromkeys(licenses, True) == {
        k: any(c.kind == k and c.license for c in release.components) for k in licenses
    }


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_says_what_it_is_good_for_and_what_it_costs(name: str) -> None:
    text, release = written(name)
    head = text.partition("[release]")[0].casefold()
    assert name.replace("-", " ") in head and "good for" in head and "the cost" in head
    assert [t.name for t in release.tiers] == list(PATTERNS[name].tiers)


def answered(release: Release, action: str, component: str, **facts: Scalar) -> Answer:
    tree = policy.released(release, action, component)
    return may(tree, bind(tree, Ask(action, component, frozenset(), {CLOCK: NOW_S, **facts}))).answer


def test_each_pattern_answers_as_its_name_says() -> None:
    told = {name: written(name)[1] for name in PATTERNS}
    sell: dict[str, Scalar] = {"commercial": True, "modified": False}
    assert answered(told["permissive"], "distribute", "weights", **sell) is Answer.YES
    assert answered(told["research"], "use", "weights", commercial=True) is Answer.NO
    assert answered(told["research"], "use", "weights", commercial=False) is Answer.YES
    assert answered(told["tiered"], "use", "weights", commercial=True) is Answer.NO
    assert told["tiered"].tier("premium").licenses == {"weights": "LicenseRef-Commercial-1.0"}  # type: ignore[union-attr]
    assert answered(told["open-core"], "distribute", "core", **sell) is Answer.YES
    assert answered(told["open-core"], "use", "extras", commercial=False) is Answer.NO
    assert answered(told["data-commons"], "distribute", "data", **sell) is Answer.YES


def test_a_delayed_opening_turns_at_its_date_in_every_answer_and_build(tmp_path: Path) -> None:
    text, release = written("delayed-opening")
    day_s = release.components[0].change_s
    assert day_s is not None and opening_day(NOW_S) in text and day_s > NOW_S
    for component in ("code", "weights"):
        for action in ("use", "distribute", "modify"):
            facts: dict[str, Scalar] = {"commercial": True, "modified": False}
            assert answered(release, action, component, **{**facts, CLOCK: day_s - 1}) is Answer.NO
            assert answered(release, action, component, **{**facts, CLOCK: day_s}) is Answer.YES
    claims = frozenset({"account", "tier:free"})
    known: dict[str, Scalar] = {"declared:commercial": True, "commercial": True, "used:calls/month": 1}
    tree = policy.served(release, "upscale")
    for now_s in (day_s - 1, day_s):
        verdict = may(tree, bind(tree, Ask("upscale", "weights", claims, {**known, CLOCK: now_s})))
        duties = {c.cite.partition(" ")[0].partition(",")[0] for c in verdict.duties}
        assert ("CC-BY-NC-4.0" in duties) <= (now_s < day_s)
    (tmp_path / "licet.toml").write_text(text)
    for folder in ("src", "weights"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(folder)
    before, after = (
        bundle.plan(tmp_path, release, now_s, tmp_path / "dist", lambda use: use.id.encode())
        for now_s in (day_s - 1, day_s)
    )
    assert b"CC-BY-NC-4.0" in before.out["weights/a.txt.license"]  # type: ignore[operator]
    assert b"Apache-2.0" in after.out["weights/a.txt.license"]  # type: ignore[operator]
    assert b"license: apache-2.0" in after.out["README.md"]  # type: ignore[operator]


def test_the_command_writes_a_pattern_and_knows_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    who = ["--licensor", "Example Lab"]
    for name in PATTERNS:
        assert main(["init", str(tmp_path / name), *who, "--pattern", name]) == 0
        assert read((tmp_path / name / "licet.toml").read_bytes()).warnings == ()
    assert main(["init", str(tmp_path / "x"), *who, "--pattern", "opencore"]) == 1
    assert "did you mean `open-core`?" in capsys.readouterr().err
    assert main(["init", str(tmp_path / "y"), *who, "--pattern", "research", "--weights", "MIT", "--no-feature"]) == 0
    release = read((tmp_path / "y/licet.toml").read_bytes())
    assert [c.license for c in release.components] == ["Apache-2.0", "MIT"] and release.features == ()


def test_a_pattern_alone_is_enough_and_says_whose_name_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in PATTERNS:
        assert main(["init", str(tmp_path / "My Model" / name), "--pattern", name]) == 0
        release = read((tmp_path / "My Model" / name / "licet.toml").read_bytes())
        assert release.licensor == f"The {name} authors" and release.warnings == ()
        assert f"who gives the licenses (now: The {name} authors)" in capsys.readouterr().out


def test_the_command_answers_as_of_the_day_on_which_it_opens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path), "--pattern", "delayed-opening"]) == 0
    release = read((tmp_path / "licet.toml").read_bytes())
    (day_s,) = {c.change_s for c in release.components}
    assert day_s
    ask = ["may", "sell", "--release", str(tmp_path), "--exit-code", "--at"]
    days = [time.strftime("%Y-%m-%d", time.gmtime(at)) for at in (day_s - 86_400, day_s)]
    assert [main([*ask, day]) for day in days] == [1, 0]
    capsys.readouterr()
    assert main([*ask, days[0], "--holder", "hol_x"]) == 2
    assert "nobody knows" in capsys.readouterr().err
