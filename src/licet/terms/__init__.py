"""The ground floor: what terms say and what follows from it. Standard library only; no I/O, no clock, no dice."""

from licet.terms.clause import CLOCK, METER, AllOf, AnyOf, Ask, Clause, Fact, Policy, Says, Terms, clauses_of, lend
from licet.terms.may import may
from licet.terms.verdict import Answer, Verdict

__all__ = [
    "CLOCK",
    "METER",
    "AllOf",
    "Answer",
    "AnyOf",
    "Ask",
    "Clause",
    "Fact",
    "Policy",
    "Says",
    "Terms",
    "Verdict",
    "clauses_of",
    "lend",
    "may",
]
