"""How much may be used with one key? A quota of the key's own, inside its holder's: one more gatekeeper of the same tree.

It is counted under the holder, by a counter that names the key (`calls/month@key:key_…`). So a call that spends both is
held in both or in neither, and a refusal cites the one that stopped it.
"""

from __future__ import annotations

from collections.abc import Iterable

from licet.access.standing import Budget
from licet.terms import METER, Clause, Fact, Says, Terms

CITE = "key: budget set by its owner"


def counter(budget: Budget, key_id: str) -> str:
    """The ledger's name of its counter. No feature has a colon in its name, so no tier's counter is called so."""
    return f"{budget.meter}/{budget.period}@key:{key_id}"


def terms(budgets: Iterable[Budget], key_id: str) -> tuple[Terms, ...]:
    """One set of terms a budget: all must hold."""
    return tuple(
        Terms(
            f"budget {counter(one, key_id)}",
            (
                Clause(
                    Says.CAN,
                    when=(Fact(METER + counter(one, key_id), "<=", one.limit),),
                    code="quota_exhausted",
                    cite=CITE,
                ),
            ),
        )
        for one in budgets
    )
