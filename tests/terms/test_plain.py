"""Verdicts as sentences: one table of words, each code and each kind of doubt told apart."""

from __future__ import annotations

import string

import pytest

from licet.terms import Answer, Clause, Fact, Says, Verdict
from licet.terms.clause import TESTS
from licet.terms.code import CODES
from licet.terms.english import ENGLISH
from licet.terms.fact import FACTS
from licet.terms.plain import as_json, price_words, refrain, say
from licet.terms.reason import fact_in_words, moment


def no(*because: Clause) -> Verdict:
    return Verdict(Answer.NO, because)


def depends(*needs: str) -> Verdict:
    return Verdict(Answer.DEPENDS, (Clause(Says.CAN, cite="X §1"),), needs=frozenset(needs))


# --- the sentence ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence_of_its_own(code: str) -> None:
    when = (Fact("used:calls/month", "<=", 5),)
    clause = Clause(Says.CAN, claims=frozenset({"tier:premium"}), when=when, code=code, cite="licet.toml:7")
    told = say(no(clause), action="chat", tier="free").detail
    assert told
    assert told != say(no(Clause(Says.CAN, cite="licet.toml:7")), action="chat", tier="free").detail
    assert "{" not in told


def test_a_feature_that_is_allowed_and_one_that_the_tier_lacks_begin_as_callers_expect() -> None:
    yes = Verdict(Answer.YES, (Clause(Says.CAN, cite="licet.toml:7"),))
    assert say(yes, action="chat", tier="free").detail.startswith("Access granted")
    has = Clause(Says.CAN, claims=frozenset({"tier:free"}), cite="licet.toml:9")
    assert say(Verdict(Answer.YES, (has,)), action="chat", tier="free").detail == "Access granted: `chat` in free tier."
    granted = Clause(Says.CAN, claims=frozenset({"grant:g1"}), cite="grant_1")  # beside the tier, which lacks it
    assert say(Verdict(Answer.YES, (granted,)), action="chat", tier="free").detail == "Access granted: `chat`."
    lacks = Clause(Says.CAN, claims=frozenset({"tier:premium"}), code="feature_not_in_tier", cite="licet.toml:7")
    detail = say(no(lacks), action="chat", tier="free").detail
    assert detail == "Feature not available in free tier: `chat` is in tier `premium`."


def test_a_component_that_nothing_sends_is_named_and_no_tier_is_said_to_lack_downloads() -> None:
    nothing = Clause(Says.CANNOT, code="feature_not_in_tier", cite="licet.toml:1")
    told = say(no(nothing), action="download", component="sample", tier="free").detail
    assert told == "Feature not available in free tier: no feature sends the files of `sample`."


def test_an_unknown_level_is_shown_the_nearest_one() -> None:
    levels = [
        Clause(Says.CAN, claims=frozenset({f"tier:{t}"}), code="unknown_tier", cite="licet.toml:7")
        for t in ("free", "premium")
    ]
    detail = say(no(*levels), action="chat", tier="premiun").detail
    assert detail == "Invalid user level: no tier `premiun`; did you mean `premium`?"
    assert say(no(*levels), action="chat").detail.startswith("Invalid user level: no tier is held")


def test_the_three_kinds_of_depends_are_told_apart() -> None:
    tell = say(depends("commercial"), action="use").detail
    unsaid = say(depends("unsaid:Elastic-2.0.sublicense"), action="sublicense").detail
    unread = say(depends("read:LicenseRef-New.use"), action="use").detail
    assert tell == "It depends: tell `commercial`."
    assert unsaid == "It depends: the text does not say (Elastic-2.0 on sublicense)."
    assert unread == "It depends: nobody has read it yet (LicenseRef-New on use)."
    every = say(depends("commercial", "unsaid:A.sell", "read:B.use"), action="use").detail
    assert all(part in every for part in ("tell `commercial`", "A on sell", "B on use"))


def test_a_code_is_that_of_a_refusal_and_of_nothing_else() -> None:
    doubt = Clause(Says.CAN, when=(Fact("commercial", "is", False),), code="license_forbids", cite="X §1")
    assert as_json(Verdict(Answer.DEPENDS, (doubt,), needs=frozenset({"commercial"})), action="use")["code"] == ""
    assert as_json(no(doubt), action="use")["code"] == "license_forbids"


def test_what_is_missing_comes_with_its_question() -> None:
    needs = say(depends("commercial", "employees"), action="use").needs
    assert [need.fact for need in needs] == ["commercial", "employees"]
    assert all(need.question.endswith("?") for need in needs)


# --- the reasons -----------------------------------------------------------------------------------------------------


def test_what_waiting_would_cure_is_not_told_where_waiting_does_not_help() -> None:
    lacks = Clause(Says.CAN, claims=frozenset({"tier:premium"}), code="feature_not_in_tier", cite="licet.toml:7")
    when = (Fact("used:calls/month", "<=", 5),)
    quota = Clause(Says.CAN, claims=frozenset({"tier:premium"}), when=when, code="quota_exhausted", cite="licet.toml:9")
    assert [row.cite for row in say(no(lacks, quota), action="chat", tier="free").because] == ["licet.toml:7"]
    assert [row.cite for row in say(no(quota), action="chat", tier="premium").because] == ["licet.toml:9"]


OPEN_GATES = (
    Clause(Says.CAN, claims=frozenset({"account"}), code="not_authenticated", cite="account"),
    Clause(Says.CAN, claims=frozenset({"anonymous"}), cite="strangers' level"),
    Clause(Says.CAN, claims=frozenset({"tier:premium"}), code="quota_exhausted", cite="no quota of this tier"),
)
WHY = (
    Clause(Says.CAN, frozenset({"chat"}), claims=frozenset({"holder:hol_1"}), cite="grant_1"),
    Clause(Says.CAN, frozenset({"chat"}), claims=frozenset({"tier:free"}), code="feature_not_in_tier", cite="the tier"),
    Clause(Says.CAN, cite="past its change date"),
    Clause(
        Says.CAN, when=(Fact("used:calls/month", "<=", 5), Fact("now_s", ">", 7)), code="quota_exhausted", cite="quota"
    ),
)


@pytest.mark.parametrize("why", WHY, ids=lambda clause: clause.cite)
def test_a_yes_tells_what_opened_and_none_of_the_gates_that_everybody_passes(why: Clause) -> None:
    told = say(Verdict(Answer.YES, (*OPEN_GATES, why)), action="chat", tier="premium")
    assert [row.cite for row in told.because] == [why.cite]
    assert len(say(Verdict(Answer.YES, OPEN_GATES), action="chat").because) == len(OPEN_GATES), (
        "for want of a better one"
    )


@pytest.mark.parametrize(
    ("clause", "detail"),
    [
        (Clause(Says.CANNOT, frozenset({"use"}), when=(Fact("commercial", "is", True),), code="license_forbids",
                cite="CC-BY-NC-4.0 §2"), "No: CC-BY-NC-4.0 does not allow `use` when it is commercial."),
        (Clause(Says.CANNOT, frozenset({"use"}), code="license_forbids", cite="CC-BY-NC-4.0 §2"),
         "No: CC-BY-NC-4.0 does not allow `use`."),
        (Clause(Says.CAN, frozenset({"use"}), when=(Fact("commercial", "is", False),), code="license_forbids",
                cite="CC-BY-NC-4.0 §2"), "No: CC-BY-NC-4.0 does not allow `use`."),
    ],
)  # fmt: skip
def test_a_no_says_where_it_bites_and_only_where_it_does(clause: Clause, detail: str) -> None:
    assert say(no(clause), action="use").detail == detail


def test_an_action_that_says_a_fact_by_its_name_is_not_told_it_again() -> None:
    commercial, there = Fact("commercial", "is", True), Fact("country", "is", "FR")
    for when, here in (
        ((commercial,), ""),
        ((commercial, there), f" when {fact_in_words(there, ENGLISH)}"),
        ((Fact("commercial", "is", False),), " when it is not commercial"),
    ):
        clause = Clause(Says.CANNOT, frozenset({"use"}), when=when, code="license_forbids", cite="X §2")
        assert say(no(clause), action="commercial-use").detail == f"No: X does not allow `commercial-use`{here}."


def test_a_reason_never_disappears_altogether() -> None:
    gate = Clause(Says.CAN, claims=frozenset({"account"}), code="not_authenticated", cite="licet.toml:1")
    assert say(Verdict(Answer.YES, (gate,)), action="chat").because
    assert say(no(gate), action="chat").because


def test_a_clause_is_said_with_the_action_that_was_asked() -> None:
    cannot = Clause(
        Says.CANNOT, frozenset({"use", "distribute"}), when=(Fact("commercial", "is", True),), cite="CC-BY-NC-4.0 §1"
    )
    told = say(no(cannot), action="sell")
    assert told.because == (("CC-BY-NC-4.0 §1", "does not allow `distribute` when it is commercial"),)


def test_two_clauses_that_say_the_same_at_the_same_place_are_said_once() -> None:
    one = Clause(Says.CANNOT, frozenset({"use"}), cite="X §1")
    two = Clause(Says.CANNOT, frozenset({"use", "modify"}), cite="X §1")
    assert len(say(no(one, two), action="use").because) == 1


@pytest.mark.parametrize("name", [n if not n.endswith(":") else f"{n}thing" for n in FACTS])
@pytest.mark.parametrize("test", TESTS)
def test_every_test_on_every_fact_can_be_said_and_its_opposite_differs(name: str, test: str) -> None:
    known = FACTS.get(name) or FACTS[name.partition(":")[0] + ":"]
    value = True if known.type is bool else 7 if known.type is int else "DE"
    several = frozenset({value}) if test in ("in", "not in") else value
    opposite = {"is": "is not", "is not": "is", "<=": ">", ">": "<=", "in": "not in", "not in": "in"}[test]
    if known.type is bool and test not in ("is", "is not"):
        return  # the readers refuse these: a bool is or is not
    said = fact_in_words(Fact(name, test, several), ENGLISH)
    assert said
    assert "{" not in said
    assert said != fact_in_words(Fact(name, opposite, several), ENGLISH)


def test_a_prohibition_that_nobody_can_be_asked_about_becomes_a_duty_in_words() -> None:
    told = Clause(Says.CANNOT, when=(Fact("commercial", "is", True), Fact("country", "in", frozenset({"KR", "DE"}))))
    assert refrain(told) == "do not use the outputs where it is commercial and the country is DE or KR"
    unread = Clause(Says.CANNOT, when=(Fact("read:X.no_compete", "is", False),))
    assert refrain(unread) == "find out first: nobody has read X.no_compete"
    unsaid = Clause(Says.CANNOT, when=(Fact("competing", "is", True), Fact("unsaid:X.no_compete", "is", True)))
    assert refrain(unsaid).endswith("(the text leaves open whether this bites)")


# --- the words -------------------------------------------------------------------------------------------------------


def test_another_catalogue_words_everything() -> None:
    marked = {key: f"¤{text}" for key, text in ENGLISH.items()}
    lacks = Clause(Says.CAN, claims=frozenset({"tier:premium"}), code="feature_not_in_tier", cite="licet.toml:7")
    told = say(no(lacks), action="chat", tier="free", words=marked)
    assert told.detail.startswith("¤")
    assert all(row.says.startswith("¤") for row in told.because)


def test_templates_name_their_values_and_nothing_by_position() -> None:
    for key, text in ENGLISH.items():
        assert all(field is None or field.isidentifier() for _, field, _, _ in string.Formatter().parse(text)), key


def test_the_json_is_the_spoken_verdict() -> None:
    lacks = Clause(Says.CAN, claims=frozenset({"tier:premium"}), code="feature_not_in_tier", cite="licet.toml:7")
    assert as_json(no(lacks), action="chat", tier="free") == {
        "answer": "no",
        "detail": "Feature not available in free tier: `chat` is in tier `premium`.",
        "code": "feature_not_in_tier",
        "because": [{"cite": "licet.toml:7", "says": "tier `premium` has `chat`"}],
        "duties": [],
        "needs": [],
        "would_allow": [],
    }


@pytest.mark.parametrize(
    ("micros", "per", "unit", "words"),
    [
        (9_000_000, 1, "month", "9.00 EUR / month"),
        (400_000, 1000, "calls", "0.40 EUR / 1000 calls"),
        (5_000_000, 1, "once", "5.00 EUR once"),
        (150, 1, "", "0.00015 EUR"),
        (0, 1, "", "0.00 EUR"),
        (-1_500_000, 1, "", "-1.50 EUR"),
    ],
)
def test_prices_are_said_exactly(micros: int, per: int, unit: str, words: str) -> None:
    assert price_words(micros, "EUR", per, unit) == words


def test_moments_are_said_in_utc_and_midnights_as_days() -> None:
    assert moment(1_830_297_600) == "2028-01-01"
    assert moment(1_830_297_601) == "2028-01-01T00:00:01Z"
    assert moment(1 << 62) == f"second {1 << 62}"
