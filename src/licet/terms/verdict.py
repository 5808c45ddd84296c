"""What is an answer? Yes, no or depends, with the clauses that say so, the duties owed and the facts that are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from licet.terms.clause import Clause
from licet.terms.code import WAITS, first_code


class Answer(IntEnum):
    """Ordered: where both terms apply the least stands, where you may choose the greatest."""

    NO = 0
    DEPENDS = 1  # a fact that only the asker knows is missing; the gate never takes it for yes
    YES = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """`because` is never empty for a verdict that `may` gave. `needs` names the missing facts: not empty exactly on DEPENDS."""

    answer: Answer
    because: tuple[Clause, ...] = ()
    duties: tuple[Clause, ...] = ()
    needs: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        """The stable reason code of a refusal: the first of its clauses' codes in the order of `code.CODES`; "" for a yes."""
        return "" if self.answer is Answer.YES else first_code(c.code for c in self.because)

    @property
    def _cured_by_waiting(self) -> bool:
        return bool(self.because) and all(c.code in WAITS for c in self.because)

    def __and__(self, other: Verdict) -> Verdict:
        """Both apply: the least answer, the reasons of the stricter side, duties and needs added up."""
        if no := [v for v in (self, other) if v.answer is Answer.NO]:
            return Verdict(Answer.NO, _union(v.because for v in no))
        because = _union((self.because, other.because))
        duties = _union((self.duties, other.duties))
        return Verdict(min(self.answer, other.answer), because, duties, self.needs | other.needs)

    def __or__(self, other: Verdict) -> Verdict:
        """Either may be chosen: the kinder, then fewest needs, then fewest duties, then the first written.

        Of two refusals one that waiting cures is the kinder; where neither or both do, the reasons of both stand.
        """
        if self.answer is other.answer is Answer.NO:
            kinder = [v for v in (self, other) if v._cured_by_waiting]
            return Verdict(Answer.NO, _union(v.because for v in kinder or (self, other)))
        return max(self, other, key=lambda v: (v.answer, -len(v.needs), -len(v.duties)))


def _union(groups: Iterable[tuple[Clause, ...]]) -> tuple[Clause, ...]:
    return tuple(dict.fromkeys(clause for group in groups for clause in group))
