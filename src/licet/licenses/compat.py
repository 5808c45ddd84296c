"""May a work that contains INBOUND go out under OUTBOUND?

Nothing is looked up in a matrix. Five questions are put to the clauses of both, and the worst answer stands:

1. May anybody at all hand on a changed INBOUND?
2. Does INBOUND want the whole under itself, or under a license that it names?
3. Would OUTBOUND promise somebody what INBOUND refuses them? (`may` is asked of both with the same facts.)
4. Must recipients be bound to limits of INBOUND that OUTBOUND does not hold?
5. Does OUTBOUND bear what INBOUND asks for, or does it forbid further restrictions?
"""

from __future__ import annotations

import operator
from dataclasses import replace
from functools import lru_cache, reduce
from typing import Any, Final

from licet.licenses import shelf
from licet.licenses.clauses import FORBIDS, acts_of, terms_of
from licet.licenses.expression import parsed, unread
from licet.licenses.kinds import DUTIES, LIMITS
from licet.licenses.shelf import Sheet
from licet.licenses.witness import best, witnesses
from licet.terms.action import ACTIONS
from licet.terms.clause import Ask, Clause, Fact, Says, Terms
from licet.terms.fact import bind
from licet.terms.may import may
from licet.terms.verdict import Answer, Verdict

PROPRIETARY: Final = "proprietary"
_WHOLE: Final = ("work", "network", "service-stack", "derivatives")  # scopes that reach the work around it


@lru_cache(4096)
def compat(inbound: str, outbound: str) -> Verdict:
    """The verdict, with the clause that decides and the duties that stay.

    Both may be SPDX expressions or names on the shelf; OUTBOUND may be `proprietary`. Of an inbound `OR` the kinder
    side is taken, an outbound `OR` must hold for every side. LicetError for a name that nobody knows.
    """
    out: Any = PROPRIETARY if outbound.strip().casefold() == PROPRIETARY else parsed(outbound)
    return _each_outbound(parsed(inbound), out)


def _each_outbound(inbound: Any, outbound: Any) -> Verdict:
    match outbound:
        case ("OR", parts):
            return reduce(operator.and_, (_each_outbound(inbound, part) for part in parts))
        case ("AND", parts):
            return reduce(operator.or_, (_each_outbound(inbound, part) for part in parts))
        case ("WITH", license, _):
            return _each_outbound(inbound, license)
    options = _options(outbound) or (outbound,)
    return reduce(operator.and_, (_each_inbound(inbound, option, outbound) for option in options))


def _each_inbound(inbound: Any, outbound: str, written: str) -> Verdict:
    """`outbound` is one version of what was `written`, where that ends in "or later"."""
    match inbound:
        case ("OR", parts):
            return reduce(operator.or_, (_each_inbound(part, outbound, written) for part in parts))
        case ("AND", parts):
            return reduce(operator.and_, (_each_inbound(part, outbound, written) for part in parts))
        case ("WITH", license, exception):
            added = shelf.sheet(exception)
            if added is not None:
                return _pair(license, outbound) & _pair(exception, outbound)
            # The exception gives more and nobody has read how much: it can only mend a no.
            return _pair(license, outbound) | may(unread(exception), Ask("distribute", "", frozenset(), {}))
    if inbound != outbound and (options := _options(inbound)):
        return reduce(operator.or_, (_pair(option, outbound) for option in options))
    verdict, source, later = _pair(inbound, outbound), shelf.sheet(inbound), shelf.sheet(written)
    # Whoever has this version only cannot let others choose one that is still to come.
    return _copyleft(source, later, verdict) if source and later and written not in (outbound, inbound) else verdict


def _options(id: str) -> tuple[str, ...]:
    """The versions that "or later" leaves to choose from, of those that were read."""
    sheet = shelf.sheet(id)
    return sheet.or_later if sheet else ()


@lru_cache(32768)
def _pair(inbound: str, outbound: str) -> Verdict:
    source = shelf.sheet(inbound)
    if source is None:
        if inbound == outbound:
            return _plain(unread(inbound))
        return _plain(unread(inbound)) if outbound == PROPRIETARY else _plain(unread(inbound)) & _unknown(outbound)
    given = _given(source, outbound)
    if given.answer is Answer.NO or inbound == outbound:
        return given
    if outbound == PROPRIETARY:
        return _together(_copyleft(source, outbound, given), given)
    target = shelf.sheet(outbound)
    rest = (_copyleft, _unread_target) if target is None else (_copyleft, _promises, _flow, _borne)
    return _together(*(question(source, target or outbound, given) for question in rest), given)


def _together(*verdicts: Verdict) -> Verdict:
    """All must hold; the clause that decides is told first."""
    return reduce(operator.and_, sorted(verdicts, key=lambda verdict: verdict.answer))


# --- 1: may anybody hand it on? ------------------------------------------------------------------------------------


def _given(source: Sheet, outbound: str) -> Verdict:
    """Whether it may be handed on at all; into a closed product, it depends on who asks."""
    terms = terms_of(source)
    if outbound == PROPRIETARY:
        return may(terms, bind(terms, Ask("distribute", "", frozenset(), {"modified": True})))
    return best(terms, "distribute", {"modified": True})


def _plain(terms: Terms) -> Verdict:
    return may(terms, Ask("distribute", "", frozenset(), {}))


def _unknown(outbound: str) -> Verdict:
    return _plain(unread(outbound)) if shelf.sheet(outbound) is None else Verdict(Answer.YES)


def _unread_target(source: Sheet, outbound: Sheet | str, given: Verdict) -> Verdict:
    return _plain(unread(str(outbound)))


# --- 2: copyleft ---------------------------------------------------------------------------------------------------


def _copyleft(source: Sheet, target: Sheet | str, given: Verdict) -> Verdict:
    scope, outbound = source["same_license"], target if isinstance(target, str) else target.id
    if scope.value not in (*_WHOLE, "data") and not (scope.value == "file" and _wants_all(target)):
        return given
    for passage in source.goes_under:
        if outbound in passage.licenses:
            cite = source.cite(passage.section)
            bridge = Clause(Says.CAN, frozenset({"distribute"}), code=FORBIDS, cite=cite)
            if not passage.unsettled:
                return Verdict(Answer.YES, (bridge,), given.duties)
            unsaid = Fact(f"unsaid:{source.id}.same_license", "is", True)
            doubt = Clause(bridge.says, bridge.actions, when=(unsaid,), code=FORBIDS, cite=cite)
            return Verdict(Answer.DEPENDS, (doubt,), given.duties, frozenset({unsaid.name}))
    if scope.value == "data":
        return _data(source, given)
    return _no(source, "same_license", DUTIES["same_license"].words)


def _data(source: Sheet, given: Verdict) -> Verdict:
    """Changed data stay under their license, what is made with them does not: it depends on what the work is."""
    changed = Fact("modified", "is", True)
    words = "keep data that you make from it under the same license; what is only made with it is free"
    clause = replace(_clause(source, "same_license", words), when=(changed,))
    return Verdict(Answer.DEPENDS, (clause,), given.duties, frozenset({changed.name}))


def _wants_all(target: Sheet | str) -> bool:
    """Does OUTBOUND itself want every file of the work, so that changed files cannot stay under INBOUND?"""
    return isinstance(target, Sheet) and target.no_further is not None and target["same_license"].value in _WHOLE


# --- 3: promises ---------------------------------------------------------------------------------------------------

_NOT_PROMISES: Final = frozenset({"sublicense", "use-trademark"})


def _promises(source: Sheet, target: Any, given: Verdict) -> Verdict:
    """Is there a case in which OUTBOUND says yes where INBOUND says no? Then the promise cannot be kept."""
    outbound = terms_of(target)
    doubts: list[Verdict] = []
    for clause in terms_of(source).clauses:
        if clause.says is not Says.CANNOT or any(f.name.startswith("read:") for f in clause.when):
            continue
        for action in sorted((clause.actions or frozenset(ACTIONS)) - _NOT_PROMISES):
            for facts in witnesses(clause):
                if best(outbound, action, facts).answer is Answer.YES:
                    if any(f.name.startswith("unsaid:") for f in clause.when):
                        doubts.append(_doubt(clause))
                        break
                    return Verdict(Answer.NO, (clause,))
    return reduce(operator.and_, doubts, given)


def _doubt(clause: Clause) -> Verdict:
    needs = frozenset(f.name for f in clause.when if f.name.startswith("unsaid:"))
    return Verdict(Answer.DEPENDS, (clause,), needs=needs)


# --- 4: limits that must go along ----------------------------------------------------------------------------------


def _flow(source: Sheet, target: Any, given: Verdict) -> Verdict:
    reading = source["pass_restrictions_downstream"]
    if reading.value not in ("required", "conditional") or not _bars(source):
        return given
    missing = {kind: items - _bars(target).get(kind, frozenset()) for kind, items in _bars(source).items()}
    if not any(missing.values()):
        return given
    if not _bars(target):
        return _no(source, reading.kind, DUTIES[reading.kind].words)
    unsaid = Fact(f"unsaid:{target.id}.field_of_use_restrictions", "is", True)
    cite = source.cite(reading.section)
    doubt = Clause(Says.CAN, frozenset({"distribute"}), when=(unsaid,), code=FORBIDS, cite=cite)
    return Verdict(Answer.DEPENDS, (doubt,), given.duties, frozenset({unsaid.name}))


def _bars(sheet: Sheet) -> dict[str, frozenset[str]]:
    kinds = ("field_of_use_restrictions", "output_restrictions", "hardware_lock", "acceptable_use_policy")
    found = {
        kind: frozenset(sheet[kind].items) or frozenset({f"{kind} of {sheet.id}"})
        for kind in kinds
        if sheet[kind].value not in ("none", "unknown")
    }
    commerce = frozenset({"commercial use"})  # a fact, and so asked among the promises
    return {kind: items - commerce for kind, items in found.items() if items - commerce}


# --- 5: further restrictions ---------------------------------------------------------------------------------------

_EXTRAS: Final = ("naming_branding", "indemnity", "acceptable_use_policy", "pass_restrictions_downstream", *LIMITS)


def _borne(source: Sheet, target: Any, given: Verdict) -> Verdict:
    """A license that forbids further restrictions bears no condition of INBOUND's that it does not know itself."""
    rule = target.no_further
    if rule is None or any(target.id in passage.licenses for passage in source.goes_under):
        return given
    for kind in ("patent_retaliation", *_EXTRAS):
        asked, known = source[kind].value, target[kind].value
        heavy = asked not in ("none", "unknown") and (kind != "naming_branding" or source[kind].items)
        light = kind == "pass_restrictions_downstream" and asked == "conditional"
        if heavy and not light and known in ("none", "unknown") and kind not in rule.but:
            words = f"{target.id} forbids further restrictions, and this is one"
            return Verdict(Answer.NO, (_clause(source, kind, words), _clause_at(target.cite(rule.section), words)))
    for limit in source.limits:
        if limit.says == "must" and limit not in target.limits and "distribute" in acts_of(limit):
            words = f"{target.id} forbids further restrictions, and this is one: {limit.duty}"
            return Verdict(
                Answer.NO, (_clause(source, limit.clause, words), _clause_at(target.cite(rule.section), words))
            )
    return given


def _no(sheet: Sheet, kind: str, words: str) -> Verdict:
    return Verdict(Answer.NO, (_clause(sheet, kind, words),))


def _clause(sheet: Sheet, kind: str, words: str) -> Clause:
    return _clause_at(sheet.cite(sheet[kind].section), words)


def _clause_at(cite: str, words: str) -> Clause:
    return Clause(Says.CANNOT, frozenset({"distribute"}), duty=words, code=FORBIDS, cite=cite)
