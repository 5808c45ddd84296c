"""What may an asker say of himself, in which spelling, and what does silence mean?"""

from __future__ import annotations

import pytest

from licet.terms import Ask, Clause, Fact, Says, Terms
from licet.terms.clause import Scalar
from licet.terms.fact import FACTS, Who, askable, bind, parse


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("commercial", "true", True),
        ("commercial", "false", False),
        ("employees", "0", 0),
        ("annual_revenue_usd", "1_000_000", 1_000_000),
        ("purpose", "research", "research"),
        ("country", "DE", "DE"),
        ("hardware", "an old laptop", "an old laptop"),
    ],
)
def test_a_fact_is_read_in_its_own_type(name: str, text: str, value: Scalar) -> None:
    assert (parse(name, text), type(parse(name, text))) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("commercial", "yes", "true or false"),
        ("commercial", "", "true or false"),
        ("employees", "-1", "whole number"),
        ("employees", "1.5", "whole number"),
        ("employees", "_1", "whole number"),
        ("employees", "true", "whole number"),
        ("purpose", "world domination", "is one of research, "),
        ("country", "Germany", "two-letter"),
        ("country", "de", "two-letter"),
        ("color", "blue", "known: commercial, "),
        # What Licet, the meter or the clock knows, nobody can tell it.
        ("accepted:", "true", "not a fact that can be told"),
        ("accepted:CC-BY-NC-4.0", "true", "not a fact that can be told"),
        ("paid:premium", "true", "not a fact that can be told"),
        ("used:calls/month", "0", "not a fact that can be told"),
        ("now_s", "0", "not a fact that can be told"),
    ],
)
def test_what_is_no_value_of_a_fact_is_refused_in_words(name: str, text: str, says: str) -> None:
    with pytest.raises(ValueError) as wrong:
        parse(name, text)
    assert says in str(wrong.value)
    assert f"`{name}`" in str(wrong.value)


def test_only_the_askers_own_facts_can_be_told() -> None:
    assert set(askable()) == {name for name, known in FACTS.items() if known.who is Who.ASKER}
    assert not {name for name in askable() if ":" in name or name == "now_s"}


def test_nobody_is_by_silence_what_would_allow_him_more() -> None:
    by_silence = {name: known.default for name, known in FACTS.items() if known.default is not None}
    assert by_silence == dict.fromkeys(("end_user_of_product", "affiliate_of_licensor", "academic", "medical"), False)


def test_silence_is_no_where_licet_would_know_and_stays_silence_where_only_the_asker_does() -> None:
    when = (Fact("accepted:MIT", "is", True), Fact("academic", "is", True), Fact("commercial", "is", False))
    policy = Terms("x", (Clause(Says.CAN, when=when, cite="x"),))
    assert bind(policy, Ask("use", "weights", frozenset(), {})).facts == {"accepted:MIT": False, "academic": False}
    told = {"accepted:MIT": True, "academic": True, "commercial": True}
    assert bind(policy, Ask("use", "weights", frozenset(), told)).facts == told
