"""Which facts are there, who knows each, and what does its absence mean?

| who knows        | absent                                    |
| ---------------- | ----------------------------------------- |
| the asker        | unknown: DEPENDS (or `default`, if given) |
| Licet            | no: bound to False before `may` is asked  |
| meter and clock  | never absent                              |
| nobody           | unknown for ever: nobody has read it, or the text does not say |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from licet.terms.clause import CLOCK, METER, Ask, Policy, Scalar, clauses_of


class Who(Enum):
    ASKER = "asker"
    LICET = "licet"
    METER = "meter"
    NOBODY = "nobody"


class Row(NamedTuple):
    """One fact: its name (or a prefix that ends in ":"), the type of its value, who knows it, and the question in words.

    `default` is bound when the asker says nothing: only for facts that never do anything but widen.
    `choices` closes the vocabulary of a text fact.
    """

    name: str
    type: type
    who: Who
    question: str
    default: bool | None = None
    choices: tuple[str, ...] = ()


_ROWS = (
    Row("commercial", bool, Who.ASKER, "Is it for commercial advantage or payment?"),
    Row("purpose", str, Who.ASKER, "For what purpose?", choices=("research", "evaluation", "production", "personal")),
    Row("hardware", str, Who.ASKER, "On whose hardware does it run (for example nvidia, amd, intel, apple)?"),
    Row("country", str, Who.ASKER, "In which country (ISO 3166 code, for example DE)?"),
    Row("monthly_active_users", int, Who.ASKER, "How many monthly active users do your products have?"),
    Row("annual_revenue_usd", int, Who.ASKER, "What is your annual revenue in US dollars?"),
    Row("employees", int, Who.ASKER, "How many people does your organization employ?"),
    Row("modified", bool, Who.ASKER, "Is it a changed version (fine-tuned, merged, quantized, adapted)?"),
    Row("multimodal", bool, Who.ASKER, "Does the model take in more than text?"),
    Row("registered", bool, Who.ASKER, "Have you registered with the licensor as the license asks?"),
    Row("competing", bool, Who.ASKER, "Does it compete with the work itself or with the licensor's products?"),
    Row(
        "trained_model",
        str,
        Who.ASKER,
        "What kind of model do you train?",
        choices=("large-language-model", "text-to-image-model", "foundational-model", "other"),
    ),
    Row("end_user_of_product", bool, Who.ASKER, "Are you only an end user of a product that contains it?", False),
    Row("affiliate_of_licensor", bool, Who.ASKER, "Are you an affiliate of the licensor?", False),
    Row("academic", bool, Who.ASKER, "Is it for academic research or teaching?", False),
    Row("medical", bool, Who.ASKER, "Is it for medical research or care?", False),
    Row("accepted:", bool, Who.LICET, "Has the holder accepted the license {0}?"),
    Row("approved:", bool, Who.LICET, "Has the operator approved the holder for the tier {0}?"),
    Row("declared:", bool, Who.LICET, "Has the holder declared the fact {0}?"),
    Row("paid:", bool, Who.LICET, "Is the tier {0} paid, or given by the operator?"),
    Row("paid_until_s", int, Who.LICET, "Until when is it paid?"),
    Row(METER, int, Who.METER, "How much of {0} is used, this call included?"),
    Row(CLOCK, int, Who.METER, "What time is it?"),
    Row("read:", bool, Who.NOBODY, "Nobody has read this clause yet: {0}"),
    Row("unsaid:", bool, Who.NOBODY, "The text does not say: {0}"),
)
FACTS: Mapping[str, Row] = {row.name: row for row in _ROWS}


def row(name: str) -> Row | None:
    """The row of a fact's name, `accepted:MIT` among those that end in ":"; None for a name nobody knows."""
    if name in FACTS:
        return FACTS[name]
    prefix, colon, _ = name.partition(":")
    return FACTS.get(prefix + colon) if colon else None


def question(name: str) -> str:
    """The fact's question in words, with what stands behind its colon filled in."""
    known = row(name)
    return known.question.format(name.partition(":")[2]) if known else f"What is {name}?"


def parse(name: str, text: str) -> Scalar:
    """The typed value of a fact written as text. ValueError says, in the user's words, what would be right."""
    known = FACTS.get(name)
    if known is None or known.who is not Who.ASKER:
        raise ValueError(f"`{name}` is not a fact that can be told; known: {', '.join(askable())}")
    if known.type is bool:
        if text not in ("true", "false"):
            raise ValueError(f"`{name}` is true or false, not `{text}`")
        return text == "true"
    if known.type is int:
        if not re.fullmatch(r"\d[\d_]*", text):
            raise ValueError(f"`{name}` is a whole number, not `{text}`")
        return int(text)
    if known.choices and text not in known.choices:
        raise ValueError(f"`{name}` is one of {', '.join(known.choices)}, not `{text}`")
    if name == "country" and not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError(f"`country` is a two-letter ISO 3166 code such as DE, not `{text}`")
    return text


def askable() -> tuple[str, ...]:
    """The names of the facts that an asker can tell."""
    return tuple(r.name for r in _ROWS if r.who is Who.ASKER)


def bind(policy: Policy, ask: Ask) -> Ask:
    """The ask with all bound that silence settles: what Licet would know is False, what only widens is its default."""
    bound: dict[str, Scalar] = {}
    for clause in clauses_of(policy):
        for fact in clause.when:
            if fact.name not in ask.facts and (known := row(fact.name)):
                if known.who is Who.LICET:
                    bound[fact.name] = 0 if known.type is int else False
                elif known.default is not None:
                    bound[fact.name] = known.default
    return replace(ask, facts={**ask.facts, **bound}) if bound else ask
