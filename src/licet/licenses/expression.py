"""Which policy does a license expression mean? SPDX `AND` is AllOf, `OR` is AnyOf, `WITH` adds.

The grammar is SPDX's: `WITH` binds tighter than `AND`, `AND` tighter than `OR`. A single id is read here; the
`license_expression` package is imported only when there is an operator.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from typing import Any, Final

from licet.errors import LicetError, closest
from licet.licenses import shelf
from licet.licenses.clauses import FORBIDS, terms_of
from licet.terms.action import ACTIONS
from licet.terms.clause import AllOf, AnyOf, Clause, Fact, Policy, Says, Terms

_OPERATOR: Final = re.compile(r"[()]|(?:^|\s)(?:AND|OR|WITH)(?=[\s(]|$)", re.IGNORECASE)
_REFERENCE: Final = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")


@lru_cache(4096)
def policy(expression: str) -> Policy:
    """The policy of an SPDX expression or of any name on the shelf.

    An SPDX id or `LicenseRef-` that nobody has read makes every action DEPEND on `read:<id>.<action>`.
    LicetError, with the nearest name as the mend, for an id that is neither, and for a broken expression.
    """
    return _policy(_tree(expression), beside=False)


@lru_cache(4096)
def normalized(expression: str) -> str:
    """The expression with current ids in their own case (`gpl-2.0 and mit` -> `GPL-2.0-only AND MIT`)."""
    return _text(_tree(expression))


def parsed(expression: str) -> Any:
    """The expression as a tree: an id, `("AND", parts)`, `("OR", parts)` or `("WITH", id, exception)`."""
    return _tree(expression)


def ids(expression: str) -> tuple[str, ...]:
    """Every license id in it, in the order written; the exception behind a `WITH` is not one."""
    return tuple(dict.fromkeys(_ids(_tree(expression))))


def license_id(name: str) -> str:
    """The id that a name means. LicetError for a name that several texts share, and for one that nobody knows."""
    name = name.strip()
    if found := shelf.resolve(name):
        return found
    if means := shelf.meant_by(name):
        raise LicetError(f"`{name}` means several texts", mend="say which: " + ", ".join(f"`{m}`" for m in means))
    if _REFERENCE.fullmatch(name):
        return name
    if listed := _listed()["licenses"].get((current := shelf.current(name)).casefold()):
        return str(listed)
    if current.endswith("+") and len(current) > 1:
        return license_id(current[:-1]) + "+"
    raise LicetError(f"unknown license `{name}`", mend=_nearest(name))


def _nearest(name: str) -> str:
    at_hand = {shelf.folded(i): i for i in (*shelf.names(), *_listed()["licenses"].values(), *shelf.known())}
    near = closest(shelf.folded(name), at_hand)
    if found := re.fullmatch(r"did you mean `(.+)`\?", near):
        return f"did you mean `{at_hand[found.group(1)]}`?"
    return "write an SPDX id, or `LicenseRef-` and a name of your own"


# --- the tree: an id, ("WITH", id, exception), ("AND", parts), ("OR", parts) ---------------------------------------


def _tree(expression: str) -> Any:
    text = expression.strip()
    if not text:
        raise LicetError("no license is named", mend="write an SPDX id such as `MIT`, or an expression")
    if not _OPERATOR.search(text) or shelf.resolve(text):
        today = shelf.current(text)
        return _parsed(today) if " WITH " in today else license_id(today)
    return _parsed(text)


def _parsed(text: str) -> Any:
    from license_expression import ExpressionError, Licensing, ParseError

    try:
        parsed = Licensing().parse(text)
    except (ExpressionError, ParseError) as wrong:
        raise LicetError(
            f"`{text}` is no license expression: {str(wrong).splitlines()[0]}",
            mend="join ids with AND, OR and WITH, and set brackets where they mix",
        ) from wrong
    return _node(parsed)


def _node(node: Any) -> Any:
    kind = type(node).__name__
    if kind in ("AND", "OR"):
        return (kind, tuple(_node(part) for part in node.args))
    if kind == "LicenseWithExceptionSymbol":
        exception = node.exception_symbol.key
        known = _listed()["exceptions"]
        if exception.casefold() not in known and not exception.startswith(("LicenseRef-", "AdditionRef-")):
            addendum = shelf.resolve(exception)
            if addendum is None:
                raise LicetError(f"unknown exception `{exception}`", mend=closest(exception, known.values()))
            exception = addendum
        return ("WITH", license_id(node.license_symbol.key), known.get(exception.casefold(), exception))
    today = shelf.current(node.key)
    return _parsed(today) if " WITH " in today else license_id(node.key)


def _policy(tree: Any, beside: bool) -> Policy:
    match tree:
        case str():
            return _license(tree, beside)
        case ("WITH", license, exception):
            return _with(license, exception)
        case ("AND", parts):
            return AllOf(tuple(_policy(part, beside=True) for part in parts))
    return AnyOf(tuple(_policy(part, beside=False) for part in tree[1]))


def _license(id: str, beside: bool) -> Policy:
    found = shelf.sheet(id)
    if found is None and id.endswith("+"):
        return AnyOf((_license(id[:-1], beside), unread(id)))
    return unread(id) if found is None else terms_of(found, beside=beside)


def _with(license: str, exception: str) -> Policy:
    """An exception of the SPDX list only ever gives more, and nobody has read it; an addendum takes away."""
    base = _license(license, beside=False)
    added = shelf.sheet(exception)
    if added is not None:
        return AllOf((base, terms_of(added, beside=True)))
    return AnyOf((base, unread(exception)))


def unread(id: str) -> Terms:
    """A license that nobody has read: every action depends on a fact that nobody can supply."""
    return Terms(
        id,
        tuple(
            Clause(
                Says.CAN,
                frozenset({action}),
                when=(Fact(f"read:{id}.{action}", "is", True),),
                code=FORBIDS,
                cite=f"{id}: not read",
            )
            for action in ACTIONS
        ),
    )


def _text(tree: Any, inside: str = "OR") -> str:
    match tree:
        case str():
            return tree
        case ("WITH", license, exception):
            return f"{license} WITH {exception}"
        case (operator, parts):
            joined = f" {operator} ".join(_text(part, operator) for part in parts)
            return f"({joined})" if (inside, operator) == ("AND", "OR") else joined
    raise AssertionError(tree)


def _ids(tree: Any) -> list[str]:
    match tree:
        case str():
            return [tree]
        case ("WITH", license, exception):
            return [license, *([exception] if shelf.sheet(exception) else [])]
        case (_, parts):
            return [found for part in parts for found in _ids(part)]
    raise AssertionError(tree)


@cache
def _listed() -> Any:
    """The SPDX list's ids by casefolded id: read only when an id is not on the shelf."""
    told = json.loads((shelf.SHELF / "spdx.json").read_text(encoding="utf-8"))
    return {what: {id.casefold(): id for id in listed} for what, listed in told.items()}
