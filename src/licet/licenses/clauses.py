"""What can, must and cannot one do under a license? The one place that derives clauses from a sheet.

Silence and not-knowing become clauses here, so that `may` stays as it is:

| the sheet says          | the action gets                                                                        |
| ----------------------- | -------------------------------------------------------------------------------------- |
| unknown                 | a *can* on `read:<license>.<kind>`, which nobody can supply: DEPENDS, nobody read it   |
| silent, grant unlimited | the general grant's *can*, citing it                                                   |
| silent, grant limited   | reserved acts: nothing, silence is no; others: a *can* on `unsaid:...`: it is not said |

Conditions with numbers, places or kinds of model stand in the sheet as `limits`; what could not be grounded as a fact
is a *must* in the sheet's own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Final

from licet.licenses.duties import duties_of, limits_unread
from licet.licenses.shelf import Limit, Sheet
from licet.licenses.vocabulary import EU, GROUPS, RIGHTS, ROOTS
from licet.terms.action import ACTIONS
from licet.terms.clause import Clause, Fact, Says, Terms

FORBIDS: Final = "license_forbids"
COMMERCIAL: Final = Fact("commercial", "is", True)


def terms_of(sheet: Sheet, *, beside: bool = False) -> Terms:
    """The license as clauses, each with its cite. `beside`: it stands beside another license (SPDX `AND`, `WITH`).

    It matters for addenda only: a use policy alone grants nothing and leaves all open; beside a license it takes away.
    """
    return _terms(sheet.id, beside and sheet.addendum) or _derive(sheet, beside and sheet.addendum)


@cache
def _terms(id: str, beside: bool) -> Terms | None:
    """Worked out once a license; None for sheets that do not stand on the shelf (a test's, a user's)."""
    from licet.licenses import shelf

    found = shelf.sheet(id)
    return None if found is None else _derive(found, beside)


def _derive(sheet: Sheet, beside: bool) -> Terms:
    cannots = [*_refusals(sheet), *limits_unread(sheet)]
    cans = [Clause(Says.CAN, frozenset(ACTIONS), code=FORBIDS, cite=sheet.id)] if beside else list(_grants(sheet))
    musts = [c for c in _limits(sheet) if c.says is Says.MUST]
    cannots += [c for c in _limits(sheet) if c.says is Says.CANNOT]
    musts += duties_of(sheet, barred=frozenset[str]().union(*(c.actions or () for c in cannots)))
    return Terms(sheet.id, tuple(dict.fromkeys((*cans, *cannots, *musts))))


# --- what it grants ------------------------------------------------------------------------------------------------


def _grants(sheet: Sheet) -> Iterator[Clause]:
    for action in ACTIONS:
        root = ROOTS[action]
        reserved = root.reserved or (action == "host-as-service" and sheet.hosting_is_distribution)
        parts = [_grant(sheet, kind, reserved) for kind in root.kinds]
        if any(sheet[kind].value in ("no", "no-grant") for kind in root.kinds) or None in parts:
            continue  # a refusal stands in `_refusals`; silence where the law reserves the act is no grant
        granted = [p for p in parts if p]
        can = Clause(
            Says.CAN,
            frozenset({action}),
            when=tuple(dict.fromkeys(f for g in granted for f in g.when)),
            code=FORBIDS,
            cite=next((g.cite for g in granted if g.when), granted[-1].cite),
        )
        yield from _for_money(sheet, _changed(sheet, can)) if action == "distribute" else (can,)


def _grant(sheet: Sheet, kind: str, reserved: bool) -> Clause | None:
    """The bare grant of one kind: its place and the facts that nobody can supply. None: not granted."""
    value, bare = sheet[kind].value, Clause(Says.CAN)
    if value == "unknown" or (value == "silent" and sheet.scope == "unknown" and not sheet.addendum):
        return replace(bare, when=(_unread(sheet, kind),), cite=f"{sheet.id}, {kind}: not read")
    if value != "silent" and not sheet.addendum:
        return replace(bare, cite=sheet.cite(sheet[kind].section))
    if sheet.scope == "unrestricted" and kind != "trademark":  # a copyright grant, however wide, lends no name
        return replace(bare, cite=general_grant(sheet))
    if reserved and not sheet.addendum:
        return None
    return replace(bare, when=(_unsaid(sheet, kind),), cite=f"{sheet.id}, silent on {kind}")


def general_grant(sheet: Sheet) -> str:
    """Where the grant stands that covers what the text does not name."""
    return sheet.cite(next((r.section for k in ("use", "distribute", "reproduce") if (r := sheet[k]).section), ""))


def _changed(sheet: Sheet, can: Clause) -> Clause:
    """To hand on a changed version takes the right to change it as well."""
    change = _grant(sheet, "modify", reserved=True)
    if change is None or sheet["modify"].value == "no":
        return replace(can, when=(*can.when, Fact("modified", "is", False)))
    return can


def _for_money(sheet: Sheet, can: Clause) -> Iterator[Clause]:
    """Copies for money. A text that grants copies and commerce, but never names selling, leaves the price unsaid."""
    selling = sheet["sell"]
    if selling.value == "unknown":
        doubt = _unread(sheet, "sell")
    elif selling.value == "silent" and sheet.scope != "unrestricted" and not sheet.addendum:
        doubt = _unsaid(sheet, "sell")
    else:
        yield can
        return
    yield replace(can, when=(*can.when, Fact("commercial", "is", False)))
    if sheet["commercial_use"].value in ("yes", "conditional", "unknown"):
        cite = f"{sheet.id}, {'sell: not read' if selling.value == 'unknown' else 'silent on sell'}"
        yield replace(can, when=(*can.when, COMMERCIAL, doubt), cite=cite)


# --- what it refuses -----------------------------------------------------------------------------------------------


def _refusals(sheet: Sheet) -> Iterator[Clause]:
    own = {limit.clause for limit in sheet.limits if limit.says == "cannot"}
    for action, root in ROOTS.items():
        for kind in root.kinds:
            if sheet[kind].value in ("no", "no-grant"):
                yield _cannot(sheet, kind, frozenset({action}))
    if sheet["commercial_use"].value == "no" and "commercial_use" not in own:
        yield _cannot(sheet, "commercial_use", RIGHTS, COMMERCIAL)
    if sheet["sell"].value == "no" and "sell" not in own:
        yield _cannot(sheet, "sell", frozenset({"distribute"}), COMMERCIAL)
    for kind, acts in (("commercial_use", RIGHTS), ("sell", frozenset({"distribute"}))):
        if sheet[kind].value == "unknown":
            yield _cannot(sheet, kind, acts, COMMERCIAL, replace(_unread(sheet, kind), value=False))


def _cannot(sheet: Sheet, kind: str, acts: frozenset[str], *when: Fact) -> Clause:
    return Clause(Says.CANNOT, acts, when=when, code=FORBIDS, cite=sheet.cite(sheet[kind].section))


def _limits(sheet: Sheet) -> Iterator[Clause]:
    for limit in sheet.limits:
        says = Says(limit.says)
        yield Clause(
            says,
            acts_of(limit),
            when=(*_facts(limit), *((_unsaid(sheet, limit.clause),) if limit.unsettled else ())),
            duty=limit.duty,
            code=FORBIDS if says is Says.CANNOT else "",
            cite=sheet.cite(limit.section or sheet[limit.clause].section),
        )


def acts_of(limit: Limit) -> frozenset[str]:
    """The actions of a limit, with its groups written out."""
    return frozenset(action for act in limit.acts for action in GROUPS.get(act, (act,)))


def _facts(limit: Limit) -> Iterator[Fact]:
    for name, test, told in limit.when:
        if isinstance(told, tuple):
            yield Fact(name, test, frozenset(place for one in told for place in (EU if one == "EU" else (one,))))
        else:
            yield Fact(name, test, told)


def _unread(sheet: Sheet, kind: str) -> Fact:
    return Fact(f"read:{sheet.id}.{kind}", "is", True)


def _unsaid(sheet: Sheet, kind: str) -> Fact:
    return Fact(f"unsaid:{sheet.id}.{kind}", "is", True)
