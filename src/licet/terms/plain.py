"""How is a verdict said? The only place that words answers, reasons, duties, missing facts and ways to a yes.

Every sentence is a template key and its values; `words` is the catalogue (`english.py` is built in). `say` gives the
sentences, `as_json` the same as the one JSON shape that command line, gate and pages share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from licet.errors import closest
from licet.terms.action import ACTIONS, DOWNLOAD, unsugared
from licet.terms.clause import METER, Clause, Says
from licet.terms.english import ENGLISH
from licet.terms.fact import Who, question, row
from licet.terms.reason import Reason, facts_in_words
from licet.terms.verdict import Answer, Verdict

Words = Mapping[str, str]

_WHO = ("key_expired", "key_revoked", "suspended", "unknown_tier")  # told alone: the rest makes no sense beside them
_WAITS = ("approval_pending", "quota_exhausted", "budget_exhausted", "rate_limited", "concurrency")
_GATES = (
    "not_authenticated", "unknown_tier", "key_out_of_scope", "role_forbids", "declaration_missing", "approval_pending",
)  # fmt: skip


class Said(NamedTuple):
    """One clause: where it is written, and what it says."""

    cite: str
    says: str


class Need(NamedTuple):
    """One missing fact, and the question in words."""

    fact: str
    question: str


class Offered(Protocol):
    """What `access/offers.py` hands over; the shape is all that is needed here."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def cite(self) -> str: ...


class Spoken(NamedTuple):
    """A verdict in words. `detail` is one sentence; `because` is never empty."""

    detail: str
    because: tuple[Said, ...]
    duties: tuple[Said, ...]
    needs: tuple[Need, ...]


def say(
    verdict: Verdict, *, action: str, component: str = "", tier: str | None = None, words: Words = ENGLISH
) -> Spoken:
    """The verdict in words. `tier` is the one that the asker holds or named; `action` as it was asked."""
    asked = _Asked(action, component, tier, words)
    told = asked.told(verdict)
    return Spoken(
        asked.detail(verdict, told),
        asked.said(told),
        asked.said(verdict.duties),
        tuple(Need(name, question(name)) for name in sorted(verdict.needs)),
    )


def as_json(
    verdict: Verdict,
    *,
    action: str,
    component: str = "",
    tier: str | None = None,
    offers: Iterable[Offered] = (),
    words: Words = ENGLISH,
) -> dict[str, Any]:
    """The verdict as command line, gate and pages give it."""
    spoken = say(verdict, action=action, component=component, tier=tier, words=words)
    return {
        "answer": verdict.answer.name.lower(),
        "detail": spoken.detail,
        "code": verdict.code if verdict.answer is Answer.NO else "",
        "because": [s._asdict() for s in spoken.because],
        "duties": [s._asdict() for s in spoken.duties],
        "needs": [n._asdict() for n in spoken.needs],
        "would_allow": [
            {"offer": f"{o.kind}:{o.name}", "detail": o.detail, "url": o.url, "cite": o.cite} for o in offers
        ],
    }


def price_words(micros: int, currency: str, per: int = 1, unit: str = "") -> str:
    """`9.00 EUR / month`, `0.40 EUR / 1000 calls`. Exact: no float, at least two decimals."""
    whole, rest = divmod(abs(micros), 1_000_000)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    money = f"{'-' if micros < 0 else ''}{whole}.{decimals} {currency}"
    if unit in ("", "once"):
        return f"{money} {unit}".rstrip()
    one = {"calls": "call", "units": "unit", "tokens": "token", "downloads": "download", "bytes": "byte"}
    return f"{money} / {one.get(unit, unit)}" if per == 1 else f"{money} / {per} {unit}"


def refrain(clause: Clause, words: Words = ENGLISH) -> str:
    """A *cannot* whose facts nobody is asked about, as the duty to keep to it."""
    known = {f: row(f.name) for f in clause.when}
    unread = [f for f, r in known.items() if r and r.name == "read:"]
    if unread:
        return words["duty.unread"].format(what=_joined((f.name.partition(":")[2] for f in unread), "and", words))
    facts = [f for f, r in known.items() if not (r and r.who is Who.NOBODY)]
    duty = words["duty.refrain"].format(facts=facts_in_words(facts, words))
    return duty if len(facts) == len(known) else words["duty.unsaid"].format(duty=duty)


class _Asked(NamedTuple):
    action: str
    component: str
    tier: str | None
    words: Words

    @property
    def bare(self) -> str:
        return unsugared(self.action)[0]

    @property
    def served(self) -> bool:
        return self.bare not in ACTIONS

    def told(self, verdict: Verdict) -> tuple[Clause, ...]:
        """The reasons worth telling: not the open gates of a yes, nor what time would cure where time does not help."""
        code, because = verdict.code, verdict.because
        if verdict.answer is not Answer.NO:
            kept = tuple(c for c in because if not _open_gate(c))
        elif code in _WHO:
            kept = tuple(c for c in because if c.code == code)
        else:
            kept = tuple(c for c in because if c.code == code or c.code not in _WAITS)
        return kept or because

    def said(self, clauses: Iterable[Clause]) -> tuple[Said, ...]:
        reason = Reason(self.bare, self.words)
        return tuple(dict.fromkeys(Said(c.cite, reason.says(c)) for c in clauses))

    # --- the one sentence --------------------------------------------------------------------------------------------

    def detail(self, verdict: Verdict, told: tuple[Clause, ...]) -> str:
        if verdict.answer is Answer.DEPENDS:
            return self.words["depends"].format(doubts=self._doubts(verdict.needs))
        if verdict.answer is Answer.YES:
            key = "yes.served" if self.served else "yes.released.duties" if verdict.duties else "yes.released"
            by_tier = any(self.tier in tiers_of(c) for c in told)  # a grant beside it is not the tier's doing
            in_tier = self.words["in_tier"].format(tier=self.tier) if by_tier else ""
            return self.words[key].format(
                action=self.action,
                in_tier=in_tier,
            )
        known = f"no.{verdict.code}" in self.words
        mine = [c for c in told if c.code == verdict.code] if known else list(told)
        return self.words[f"no.{verdict.code}" if known else "no"].format(**self._values(mine))

    def _values(self, mine: list[Clause]) -> dict[str, str]:
        words = self.words
        tiers = list(dict.fromkeys(t for c in mine for t in tiers_of(c)))
        named = _joined((words["level"].format(tier=t) for t in tiers), "or", words)
        none = "where.none.download" if self.action == DOWNLOAD and self.component else "where.none"
        where = words["where"] if tiers else words[none]
        mean = closest(self.tier, tiers) if self.tier else ""
        facts = [f for c in mine for f in c.when]
        no_tier = words["tier.unknown"] if self.tier else words["tier.none"]
        return {
            "action": self.action,
            "tier": self.tier or words["tier.this"],
            "tiers": named,
            "where": where.format(action=self.action, tiers=named, component=self.component),
            "no_tier": no_tier.format(tier=self.tier),
            "mean": f"; {mean}" if mean else "",
            "who": self._who(mine),
            "here": self._here(mine),
            "licenses": _joined((f.name.partition(":")[2] for f in facts), "or", words),
            "facts": _joined((f"`{f.name.partition(':')[2]}`" for f in facts), "and", words),
            "limits": facts_in_words([f for f in facts if f.name.startswith(METER)], words),
            "cap": facts_in_words([f for f in facts if f.name.startswith(f"{METER}spend/")], words),
        }

    def _who(self, mine: list[Clause]) -> str:
        """Who says no: the license that the first reason cites, or the licensor in the document."""
        cite = mine[0].cite if mine else ""
        if ".toml" in cite:
            return self.words["who.licensor"].format(cite=cite)
        return cite.partition(" §")[0].partition(",")[0]

    def _here(self, mine: list[Clause]) -> str:
        forbids = [c for c in mine if c.says is Says.CANNOT]
        if len(mine) != 1 or not forbids:
            return ""
        said = unsugared(self.action)[1].items()  # `commercial-use` says by itself that it is commercial
        facts = [f for f in forbids[0].when if f.test != "is" or (f.name, f.value) not in said]
        return self.words["here"].format(facts=facts_in_words(facts, self.words)) if facts else ""

    def _doubts(self, needs: frozenset[str]) -> str:
        kinds: dict[str, list[str]] = {"asker": [], "unsaid": [], "unread": []}
        for name in sorted(needs):
            known = row(name)
            kind = {"unsaid:": "unsaid", "read:": "unread"}.get(known.name if known else "", "asker")
            kinds[kind].append(f"`{name}`" if kind == "asker" else _clause_named(name))
        doubts = (
            self.words[f"depends.{kind}"].format(facts=_joined(names, "and", self.words), what=", ".join(names))
            for kind, names in kinds.items()
            if names
        )
        return "; ".join(doubts)


def tiers_of(clause: Clause) -> list[str]:
    """The tiers whose holders a clause is about."""
    return sorted(c.removeprefix("tier:") for c in clause.claims or () if c.startswith("tier:"))


def _open_gate(clause: Clause) -> bool:
    """Nobody who was let in asks why: a gatekeeper's *can*, or a tier's in a quota that does not bound it."""
    if clause.code == "quota_exhausted":
        return not any(f.name.startswith(METER) for f in clause.when)
    return clause.code in _GATES or (not clause.code and clause.claims is not None and clause.actions is None)


def _clause_named(fact: str) -> str:
    """`unsaid:Elastic-2.0.sublicense` -> `Elastic-2.0 on sublicense`."""
    license, dot, kind = fact.partition(":")[2].rpartition(".")
    return f"{license} on {kind.replace('_', ' ')}" if dot else kind


def _joined(parts: Iterable[str], how: str, words: Words) -> str:
    *most, last = list(parts) or [""]
    return words["list"].join(most) + words[how] + last if most else last
