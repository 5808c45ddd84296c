"""What does a license say of a feature? Its own clauses on outputs, lent: same words, same cites.

A license speaks of `use-outputs`, never of `basic_analysis`. What grants a served call is the licensor's own *can* (the
feature's line); the license can only take away or ask for something. A use restriction reaches callers exactly where
the license's clauses name `use-outputs` (they do where hosting is distribution: `licenses/duties.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from licet.licenses import expression as licenses
from licet.terms import AllOf, AnyOf, Clause, Policy, Says, Terms, lend
from licet.terms.fact import Who, row
from licet.terms.plain import refrain

OUTPUTS = "use-outputs"
HOLDERS, STRANGERS = frozenset({"account", "organization"}), frozenset({"anonymous"})


@lru_cache(maxsize=1024)
def terms_of(expression: str) -> Policy:
    """The policy of a license expression; parsed once."""
    return licenses.policy(expression)


class Lender(NamedTuple):
    """Lends licenses to the features of a release that asks its callers to declare these facts."""

    declared: frozenset[str]

    def whole(self, expression: str) -> Policy:
        """The license as it is, for released actions; a refusal by it carries `license_forbids`."""
        return _each(terms_of(expression), lambda t: Terms(t.name, tuple(map(_coded, t.clauses))))

    def lent(self, expression: str, feature: str, serves: Clause, strangers: bool) -> Policy:
        """The licensor's own *can* and what the license forbids or asks of outputs, for each license in it.

        `strangers`: callers without an account use the feature too, and nobody asks them to declare anything.
        """

        def leaf(terms: Terms) -> Terms:
            about = (c for c in terms.clauses if c.says is not Says.CAN and c.actions and OUTPUTS in c.actions)
            lent = lend(Terms(terms.name, tuple(about)), OUTPUTS, feature)
            assert isinstance(lent, Terms)
            kept = (k for c in lent.clauses for k in self._askable(replace(c, actions=frozenset({feature})), strangers))
            return Terms(terms.name, (serves, *map(_coded, kept)))

        return _each(terms_of(expression), leaf)

    def _askable(self, clause: Clause, strangers: bool) -> Iterator[Clause]:
        """The gate never guesses: a condition that nobody is asked about is no condition but a duty to keep to it."""
        if clause.says is not Says.CANNOT or not any(map(_told, (f.name for f in clause.when))):
            yield clause
            return
        duty = replace(clause, says=Says.MUST, duty=refrain(clause), code="")
        if not all(f.name in self.declared for f in clause.when if _told(f.name)):
            yield duty
        elif strangers and clause.claims is None:
            yield replace(clause, claims=HOLDERS)
            yield replace(duty, claims=STRANGERS)
        else:
            yield clause


def _told(name: str) -> bool:
    """Does the answer hang on what somebody must tell (or on what nobody knows)?"""
    known = row(name)
    return known is None or known.who is Who.NOBODY or (known.who is Who.ASKER and known.default is None)


def _coded(clause: Clause) -> Clause:
    return clause if clause.code or clause.says is Says.MUST else replace(clause, code="license_forbids")


def _each(policy: Policy, leaf: Callable[[Terms], Terms]) -> Policy:
    match policy:
        case AllOf(of):
            return AllOf(tuple(_each(p, leaf) for p in of))
        case AnyOf(of):
            return AnyOf(tuple(_each(p, leaf) for p in of))
        case Terms():
            return leaf(policy)
