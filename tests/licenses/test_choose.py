"""Which license fits? Every judgement is held to `may`, so that no second table can grow beside it."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.cli import main
from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.alarms import alarms
from licet.licenses.ask import may_license
from licet.licenses.choose import Candidate, advice, choose
from licet.licenses.choose_ladder import FREEDOMS, ladder
from licet.licenses.choose_needs import SAID
from licet.licenses.choose_wish import QUESTIONS, Wish, wish_of
from licet.terms.verdict import Answer

wishes = st.builds(
    Wish,
    kind=st.sampled_from(("code", "weights", "data", "docs")),
    users=st.sampled_from((None, "everyone", "small", "research")),
    commercial=st.sampled_from((None, True, False)),
    changes=st.sampled_from((None, "free", "share-alike", "none")),
    naming=st.sampled_from((None, "none", "credit", "brand")),
    outputs=st.sampled_from((None, "free", "limited")),
    harm_limits=st.sampled_from((None, True, False)),
    later_opening=st.sampled_from((None, True, False)),
    path_to_yes=st.sampled_from((None, True, False)),
)


def ids(**wanted: object) -> list[str]:
    return [one.id for one in choose(Wish(**wanted))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ({"kind": "code", "users": "everyone", "commercial": True, "changes": "free"}, "Apache-2.0"),
        ({"kind": "code", "commercial": True, "changes": "share-alike"}, "GPL-3.0-or-later"),
        ({"kind": "weights", "commercial": True, "changes": "free", "outputs": "free"}, "Apache-2.0"),
        ({"kind": "weights", "commercial": False, "changes": "free"}, "CC-BY-NC-4.0"),
        ({"kind": "data", "naming": "none"}, "CC0-1.0"),
        ({"kind": "data", "commercial": True, "changes": "share-alike"}, "CC-BY-SA-4.0"),
        ({"kind": "docs", "commercial": False, "changes": "none"}, "CC-BY-NC-ND-4.0"),
        ({"kind": "docs", "commercial": True, "changes": "none"}, "CC-BY-ND-4.0"),
        ({"kind": "code", "users": "small"}, "PolyForm-Small-Business-1.0.0"),
    ],
)
def test_what_people_usually_want_gets_what_people_usually_take(wanted: dict[str, object], first: str) -> None:
    assert ids(**wanted)[0] == first


def test_harm_limits_lead_to_licenses_with_use_restrictions() -> None:
    best = choose(Wish(kind="weights", commercial=True, harm_limits=True))
    assert {"LicenseRef-scancode-bigscience-open-rail-m", "LicenseRef-scancode-bigscience-open-rail-m2"} <= {
        one.id for one in best
    }
    assert all(any(cost.kind == "field-of-use" for cost in one.costs) for one in best if not one.against)


def test_a_later_opening_leads_to_licenses_that_open_by_themselves() -> None:
    assert set(ids(kind="code", later_opening=True)[:3]) == {"BUSL-1.1", "FSL-1.1-ALv2", "FSL-1.1-MIT"}


@given(wishes)
def test_a_reason_never_says_what_may_denies(wish: Wish) -> None:
    for one in choose(wish, most=0):
        fits = {reason.says for reason in one.fits}
        if SAID["commercial", True] in fits:
            facts = {"monthly_active_users": 1, "annual_revenue_usd": 1, "employees": 2, "purpose": "production"}
            assert may_license("commercial-use", one.id, facts=facts).answer is not Answer.NO
        if SAID["commercial", False] in fits:
            assert may_license("commercial-use", one.id).answer is not Answer.YES
        if SAID["changes", "none"] in fits:
            assert may_license("distribute", one.id, facts={"modified": True}).answer is not Answer.YES
        if SAID["changes", "free"] in fits or SAID["changes", "share-alike"] in fits:
            facts = {"modified": True, "commercial": False, "purpose": "research"}
            assert may_license("distribute", one.id, facts=facts).answer is not Answer.NO


@given(wishes)
def test_each_question_that_was_answered_is_judged_once_for_each_license(wish: Wish) -> None:
    asked = [
        name
        for name, question in QUESTIONS.items()
        if name not in ("kind", "path_to_yes")
        and getattr(wish, name) is not None
        and (not question.only_for or wish.kind in question.only_for)
    ]
    for one in choose(wish, most=0):
        assert len(one.fits) + len(one.against) + len(one.depends) == len(asked)
        assert all(reason.cite for reason in (*one.fits, *one.against))


@given(wishes, st.integers(1, 12))
def test_fewer_candidates_are_the_first_of_more(wish: Wish, most: int) -> None:
    every = choose(wish, most=0)
    assert choose(wish, most=most) == every[:most]
    assert len({one.id for one in every}) == len(every)
    missed = [2 * len(one.against) + len(one.depends) + 3 * bool(one.unfit) for one in every]
    assert missed == sorted(missed)


def _every(kind: str) -> dict[str, Candidate]:
    return {one.id: one for one in choose(Wish(kind=kind), most=0)}


def test_only_licenses_that_anybody_can_use_are_candidates() -> None:
    for id in _every("code"):
        sheet = shelf.sheet(id)
        assert sheet is not None
        assert sheet.read == "full"
        assert not sheet.addendum
    own = {"LicenseRef-llama-3-2024", "LicenseRef-scancode-gemma-tou-2025-03-24", "LicenseRef-scancode-deepseek-la-1.0"}
    assert not own & set(_every("weights"))
    assert "CC-BY-3.0" not in _every("docs")
    assert "GPL-2.0-only" not in _every("code")


def test_the_wrong_kind_of_license_is_advised_against() -> None:
    assert "Creative Commons itself advises against" in _every("code")["CC-BY-4.0"].unfit
    for kind in ("weights", "data", "docs"):
        assert "copyleft speaks of source code" in _every(kind)["GPL-3.0-or-later"].unfit
    assert _every("code")["GPL-3.0-or-later"].unfit == ""
    assert _every("data")["CC-BY-4.0"].unfit == ""
    assert _every("weights")["Apache-2.0"].unfit == ""


def test_non_commercial_without_a_way_to_yes_is_advised_against() -> None:
    def warned(**wanted: object) -> bool:
        return any("without a way to yes" in one.says for one in advice(Wish(**wanted)))  # type: ignore[arg-type]

    assert warned(kind="weights", commercial=False)
    assert not warned(kind="weights", commercial=False, path_to_yes=True)
    assert not warned(kind="weights", commercial=False, later_opening=True)
    assert not warned(kind="weights", commercial=True)


@given(wishes)
def test_costs_are_the_alarms_of_the_sheet_each_with_its_case(wish: Wish) -> None:
    for one in choose(wish):
        sheet = shelf.sheet(one.id)
        assert sheet is not None
        assert one.costs == alarms(sheet)
        assert all(cost.case and cost.source for cost in one.costs)


def test_the_ladder_goes_from_cc0_down_and_each_rung_gives_something_up() -> None:
    rungs = ladder()
    assert [rung.id for rung in rungs] == [
        "CC0-1.0",
        "CC-BY-4.0",
        "CC-BY-SA-4.0",
        "CC-BY-NC-4.0",
        "CC-BY-NC-SA-4.0",
        "CC-BY-ND-4.0",
        "CC-BY-NC-ND-4.0",
    ]
    assert all(rungs[0].may)
    assert not any(rungs[-1].may)
    for above, below in pairwise(rungs):
        assert above.may > below.may
        assert len(below.cites) == len(FREEDOMS)


def test_answers_in_words_are_a_wish_and_wrong_ones_are_mended() -> None:
    told = {"kind": "weights", "commercial": "false", "changes": "share-alike", "users": None}
    assert wish_of(told) == Wish(kind="weights", commercial=False, changes="share-alike")
    with pytest.raises(LicetError, match="share-alike"):
        Wish(changes="share-alik")
    with pytest.raises(LicetError, match="no question"):
        wish_of({"colour": "red"})


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_answers_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["choose", "--kind", "weights", "--commercial", "false", "--most", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["wish"] == {"kind": "weights", "commercial": False}
    assert len(told["candidates"]) == 2
    assert told["candidates"][0]["costs"][0]["case"]
    assert told["ladder"][0]["id"] == "CC0-1.0"
    assert any("without a way to yes" in one for one in told["advice"])


def test_the_command_asks_where_somebody_sits_before_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(("4", "", "nonsense", "2", "none", "", "", "", "2"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    assert main(["choose", "--most", "1"]) == 0
    out = capsys.readouterr().out
    assert "a number from 1 to 2" in out
    assert "CC-BY-NC-ND-4.0" in out
    assert "outputs" not in out.partition("Creative Commons Attribution")[0]


def test_the_command_does_not_wait_where_nobody_sits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert main(["choose"]) == 2
    assert "--kind" in capsys.readouterr().err
    assert main(["choose", "--ladder"]) == 0
    assert "CC-BY-NC-ND-4.0" in capsys.readouterr().out
