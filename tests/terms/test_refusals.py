"""Of two refusals, whose reasons stand? Of several codes, which is told?"""

from __future__ import annotations

import pytest

from licet.terms import Answer, Clause, Says, Verdict
from licet.terms.code import CODES, WAITS


def no(*codes: str) -> Verdict:
    return Verdict(Answer.NO, tuple(Clause(Says.CAN, code=code, cite=f"licet.toml: {code}") for code in codes))


@pytest.mark.parametrize("waits", sorted(WAITS))
def test_of_two_refusals_that_of_which_waiting_is_enough_is_the_kinder(waits: str) -> None:
    for stays in sorted(set(CODES) - WAITS):
        assert no(stays) | no(waits) == no(waits) | no(stays) == no(waits)
        assert no(stays, waits) | no(waits) == no(waits), "to wait for a part of it cures nothing"
        assert no(stays) & no(waits) == no(stays, waits)
        assert (no(stays) & no(waits)).code == (no(waits) & no(stays)).code == stays


def test_where_waiting_cures_both_or_neither_the_reasons_of_both_stand() -> None:
    assert no("quota_exhausted") | no("rate_limited") == no("quota_exhausted", "rate_limited")
    assert no("suspended") | no("license_forbids") == no("suspended", "license_forbids")
    assert no("budget_exhausted") | no("payment_past_due") == no("budget_exhausted", "payment_past_due"), (
        "nobody waits for money"
    )
