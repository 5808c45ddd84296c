"""Which codes can a refusal carry, and which of several is told first? What waiting cannot cure comes first."""

from __future__ import annotations

from collections.abc import Iterable

CODES: tuple[str, ...] = (
    "not_authenticated",
    "key_expired",
    "key_revoked",
    "suspended",
    "unknown_tier",
    "key_out_of_scope",  # the key was narrowed by its owner to other features, releases or networks
    "sign_on_required",  # the organization asks its members to sign in through it
    "second_factor_required",  # the organization asks its members for a second factor or a passkey
    "role_forbids",  # the role in an organization that the key calls in
    "feature_not_in_tier",
    "approval_pending",
    "license_forbids",
    "license_not_accepted",
    "declaration_missing",
    "payment_past_due",
    "budget_exhausted",
    "quota_exhausted",
    "rate_limited",
    "concurrency",
)
WAITS = frozenset({"quota_exhausted", "rate_limited", "concurrency"})  # what waiting alone cures
_RANK = {code: rank for rank, code in enumerate(CODES)}


def first_code(codes: Iterable[str]) -> str:
    """The code to tell of several; "" when none of them is one of ours."""
    return min((c for c in codes if c in _RANK), key=_RANK.__getitem__, default="")
