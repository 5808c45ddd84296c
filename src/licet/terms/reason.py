"""How is one clause said as a reason, and one fact as half a sentence?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from licet.terms.action import ACTIONS
from licet.terms.clause import CLOCK, METER, Clause, Fact, Says
from licet.terms.fact import question, row

Words = Mapping[str, str]


class Reason(NamedTuple):
    """Words for the clauses of one question."""

    action: str
    words: Words

    def says(self, clause: Clause) -> str:
        here = self.words["here"].format(facts=facts_in_words(clause.when, self.words)) if clause.when else ""
        key = self._key(clause)
        facts = facts_in_words(_about(clause), self.words)
        tier = next((c.removeprefix("tier:") for c in sorted(clause.claims or ()) if c.startswith("tier:")), "")
        if key.startswith("can.quota"):
            tier = self.words["level" if tier else "level.strangers"].format(tier=tier)
        actions = ", ".join(f"`{a}`" for a in sorted(clause.actions or ()))
        return self.words[key].format(
            action=self.action,
            actions=actions,
            here=here,
            facts=facts,
            tier=tier,
            duty=clause.duty,
            questions=" ".join(question(f.name.partition(":")[2]) for f in clause.when),
        )

    def _key(self, clause: Clause) -> str:
        if clause.says is Says.MUST:
            return "must"
        if clause.says is Says.CANNOT:
            if f"cannot.{clause.code}" in self.words:
                return f"cannot.{clause.code}"
            silent = not clause.code and clause.cite.endswith(" is silent")
            return "silence" if silent else "cannot"
        tier = any(c.startswith("tier:") for c in clause.claims or ())
        facts = {f.name.partition(":")[0] for f in clause.when}
        if any(c.startswith(("holder:", "domain:")) for c in clause.claims or ()):
            return "can.grant.quota" if METER[:-1] in facts else "can.grant"
        match clause.code:
            case "not_authenticated":
                return "can.account" if "account" in (clause.claims or ()) else "can.anonymous"
            case "unknown_tier":
                return "can.level" if tier else "can.anonymous"
            case "declaration_missing":
                return "can.declaration"
            case "feature_not_in_tier":
                return "can.tier" if tier else "can.strangers"
            case "approval_pending":
                return "can.approval" if "approved" in facts else "can.approval.free" if tier else "can.strangers"
            case "quota_exhausted" if clause.claims is None:
                return "can.quota.key"
            case "quota_exhausted":
                return "can.quota" if METER[:-1] in facts else "can.quota.free"
            case "license_not_accepted":
                return "can.accepted"
            case "" if clause.actions is None and len(clause.when) == 1 and CLOCK in facts:
                return f"can.clock.{clause.when[0].test}"
            case "license_forbids" if clause.actions and clause.actions.isdisjoint(ACTIONS):
                return "can.serves.tier" if tier else "can.serves"
        return "can"


def _about(clause: Clause) -> list[Fact]:
    """The facts that make the point of a gatekeeper's clause: the quota, not the approval beside it."""
    meters = [f for f in clause.when if f.name.startswith(METER)]
    return meters or list(clause.when)


def facts_in_words(facts: Iterable[Fact], words: Words) -> str:
    """`it is commercial and the country is one of DE, FR`."""
    return words["and"].join(dict.fromkeys(fact_in_words(f, words) for f in facts))


def fact_in_words(fact: Fact, words: Words) -> str:
    known = row(fact.name)
    name = known.name if known else fact.name
    what = fact.name.partition(":")[2]
    if isinstance(fact.value, bool):
        side = "yes" if (fact.value is True) == (fact.test == "is") else "no"
        template = words.get(f"fact.{name}.{side}") or words[f"fact.{side}"]
        return template.format(name=f"`{fact.name}`", what=what)
    template = words.get(f"fact.{name}.{fact.test}") or words[f"fact.{fact.test}"]
    if name == CLOCK and isinstance(fact.value, int) and fact.test in ("<=", ">"):
        return template.format(value=moment(fact.value + 1))
    if what.startswith("spend/") and isinstance(fact.value, int):  # in billionths of the currency's unit
        whole, rest = divmod(fact.value, 10**9)
        return words["fact.spend"].format(value=f"{whole:,}.{f'{rest:09d}'.rstrip('0').ljust(2, '0')}")
    shown = words.get(f"name.{name}") or f"`{fact.name}`"
    return template.format(name=shown, what=_counter(what), value=_value(fact.value, words))


def moment(epoch_s: int) -> str:
    """`2028-01-01` for a midnight, else with its time: always UTC."""
    from datetime import UTC, datetime

    if not 0 <= epoch_s < 253_402_300_800:
        return f"second {epoch_s}"
    at = datetime.fromtimestamp(epoch_s, UTC)
    return at.strftime("%Y-%m-%d") if epoch_s % 86_400 == 0 else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _counter(name: str) -> str:
    """`calls/month@chat` -> `calls / month with chat`; that of a key or grant, `calls/month@key:key_…` -> `calls / month`."""
    counted, _, features = name.partition("@")
    features = (
        "" if features.startswith(("key:", "grant:")) else features
    )  # the one that is asked about: no need to spell its id
    meter, slash, period = counted.partition("/")
    return meter + (f" / {period}" if slash else "") + (f" with {features.replace('+', ', ')}" if features else "")


def _value(value: object, words: Words) -> str:
    if isinstance(value, frozenset):
        return words["or"].join(sorted(_value(v, words) for v in value))
    return f"{value:,}" if isinstance(value, int) else str(value)
