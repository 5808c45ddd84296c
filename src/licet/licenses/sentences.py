"""How is a reading said in one plain sentence? Templates and their values; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from licet.licenses.kinds import DUTIES, LIMITS, RIGHTS
from licet.licenses.shelf import Reading
from licet.terms.clause import Clause, Fact

NOT_ADVICE: Final = "Facts about a text, not legal advice."

_RIGHT: Final[Mapping[str, str]] = {
    "yes": "You may {words}.",
    "conditional": "You may {words}, under conditions{told}.",
    "no": "You may not {words}{told}.",
    "no-grant": "You may not {words}{told}.",
    "limited-grant": "You may {words}, within limits{told}.",
    "silent": "It does not say whether you may {words}{told}.",
    "unknown": "Nobody has read whether you may {words}.",
}
_DUTY: Final[Mapping[str, str]] = {
    "none": "You need not {words}.",
    "conditional": "You must {words}, in some cases{told}.",
    "unknown": "Nobody has read whether you must {words}.",
}
_COPYLEFT: Final[Mapping[str, str]] = {
    "none": "What you make from it may carry another license.",
    "file": "You must keep changed files under this license{told}.",
    "library": "You must keep the changed library under this license{told}.",
    "data": "You must keep data that you make from it under this license{told}.",
    "derivatives": "You must keep what you derive from it under this license{told}.",
    "work": "You must put the whole changed work under this license{told}.",
    "network": "You must put the whole changed work under this license, even where it only runs as a service{told}.",
    "service-stack": "You must put the whole service around it under this license{told}.",
    "unknown": "Nobody has read whether what you make from it must carry the same license.",
}
_LIMIT: Final[Mapping[str, str]] = {
    "present": "It has {words}{told}.",
    "none": "It has no {words}.",
    "unknown": "Nobody has read whether it has {words}.",
}
_ABOUT: Final[Mapping[tuple[str, str], str]] = {
    ("output_ownership", "licensee"): "What it produces belongs to you.",
    ("output_ownership", "licensor"): "What it produces belongs to the licensor{told}.",
    ("output_ownership", "licensor-claims-none"): "The licensor claims no rights in what it produces.",
    ("output_ownership", "not-covered"): "What it produces is not covered by the license.",
    ("output_ownership", "silent"): "It does not say whose the outputs are.",
    ("patent_retaliation", "none"): "A patent suit does not end your rights.",
    ("patent_retaliation", "patent-license"): "A patent suit ends your patent license{told}.",
    ("patent_retaliation", "whole-license"): "A patent suit ends all your rights{told}.",
    ("revocability", "irrevocable"): "It cannot be taken back while you keep to it.",
    ("revocability", "revocable"): "It can be revoked{told}.",
    ("revocability", "at-will"): "The licensor can end it at any time{told}.",
    ("revocability", "silent"): "It does not say whether it can be revoked{told}.",
    ("termination", "auto-on-breach"): "A breach ends it at once, by itself{told}.",
    ("termination", "licensor-on-breach"): "After a breach the licensor may end it{told}.",
    ("termination", "at-will"): "The licensor may end it without a breach{told}.",
    ("termination", "none"): "It has no clause on its end.",
    ("unilateral_change_of_terms", "present"): "The licensor alone can change the terms{told}.",
    (
        "unilateral_change_of_terms",
        "new-version-optional",
    ): "New versions may appear; you may stay with this one{told}.",
    ("unilateral_change_of_terms", "none"): "The licensor cannot change the terms alone.",
    ("warranty", "disclaimed"): "It comes without warranty.",
    ("warranty", "partly-given"): "It comes with a part of a warranty{told}.",
    ("warranty", "silent"): "It does not speak of warranty.",
    ("liability", "excluded"): "The licensor is not liable{told}.",
    ("liability", "capped"): "The licensor is liable up to a cap{told}.",
    ("liability", "silent"): "It does not speak of liability.",
    ("governing_law", "silent"): "It names no law that governs it.",
    ("research_medical_or_other_exceptions", "present"): "It makes exceptions{told}.",
    ("research_medical_or_other_exceptions", "none"): "It makes no exceptions.",
    ("change_date_delayed_opening", "present"): "It opens later{told}.",
    ("change_date_delayed_opening", "none"): "It does not open later by itself.",
}

_FACT: Final[Mapping[tuple[str, str], str]] = {
    ("commercial", "is"): "it is {yes}commercial",
    ("end_user_of_product", "is"): "you are {yes}only the end user of a product that contains it",
    ("affiliate_of_licensor", "is"): "you are {yes}an affiliate of the licensor",
    ("academic", "is"): "it is {yes}academic research or teaching",
    ("modified", "is"): "it is {yes}a changed version",
    ("multimodal", "is"): "the model is {yes}multimodal",
    ("registered", "is"): "you have {yes}registered",
    ("competing", "is"): "it {yes}competes with the licensor",
    ("country", "in"): "you are in {value}",
    ("hardware", "is not"): "it runs on other hardware than {value}",
    ("purpose", "is"): "the purpose is {value}",
    ("purpose", "is not"): "the purpose is anything but {value}",
    ("purpose", "not in"): "the purpose is anything but {value}",
    ("monthly_active_users", ">"): "you have more than {value} monthly active users",
    ("annual_revenue_usd", ">"): "your revenue is above {value} US dollars a year",
    ("employees", ">"): "you are more than {value} people",
    ("trained_model", "is"): "the model you train is a {value}",
    ("trained_model", "in"): "the model you train is one of {value}",
}


def said(reading: Reading) -> str:
    """The reading as a sentence, ending in its list or note where it has one."""
    template = _template(reading)
    told = "; ".join(reading.items) or reading.note
    words = _words(reading.kind)
    if template == _LIMIT["none"]:
        words = words.removeprefix("a ")
    return template.format(words=words, told=f" ({told})" if told else "")


def _template(reading: Reading) -> str:
    kind, value = reading.kind, reading.value
    if kind == "same_license":
        return _COPYLEFT[value]
    if kind in RIGHTS:
        return _RIGHT[value]
    if kind in DUTIES:
        return _DUTY.get(value, "You must {words}{told}.")
    if kind in LIMITS:
        return _LIMIT[value]
    if value == "unknown":
        return "Nobody has read what it says of its " + kind.replace("_", " ") + "."
    if kind == "governing_law" and value != "silent":
        return "It is governed by: " + value.replace("{", "(").replace("}", ")") + "."
    return _ABOUT[kind, value]


def _words(kind: str) -> str:
    found = RIGHTS.get(kind) or DUTIES.get(kind) or LIMITS.get(kind)
    return found.words if found else ""


def when(clause: Clause) -> str:
    """The facts of a clause as half a sentence: `it is commercial and you have not registered`."""
    return " and ".join(fact_said(fact) for fact in clause.when)


def fact_said(fact: Fact) -> str:
    """One test on one fact in words, without a verdict."""
    if fact.name.startswith("read:"):
        return "nobody has read the clause"
    if fact.name.startswith("unsaid:"):
        return "the text leaves it open"
    template = _FACT.get((fact.name, fact.test), f"{fact.name} {fact.test} {{value}}")
    return template.format(value=_value(fact), yes="" if fact.value is True else "not ")


def _value(fact: Fact) -> str:
    if isinstance(fact.value, frozenset):
        return ", ".join(sorted(map(str, fact.value)))
    return f"{fact.value:,}" if isinstance(fact.value, int) else str(fact.value).replace("-", " ")
