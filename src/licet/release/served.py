"""Which parts of a well-read release can this version not serve yet? `licet serve` refuses, `licet may` answers."""

from __future__ import annotations

from collections.abc import Iterable

from licet.errors import Finding
from licet.release.release import Tier


def unserved(tiers: Iterable[Tier], path: str) -> tuple[Finding, ...]:
    """One finding for each part, on its line.

    A price past a quota is served where it is plain which quota is gone past: with two of one meter a call could be
    past both, and nobody could say whether it is paid once or twice.
    """
    found = []
    for tier in tiers:
        for price in tier.overage:
            quotas = [quota for quota in tier.quotas if quota.meter == price.unit]
            if len(quotas) > 1:
                lines = " and ".join(str(quota.line) for quota in quotas)
                says = (
                    f"tier `{tier.name}` has one price for {price.unit} and {len(quotas)} quotas of it (lines {lines})"
                )
                mend = "keep the quota that the price is for; `licet may` already answers for the rest"
                found.append(Finding(path, price.line, "unserved", says, mend))
    return tuple(sorted(found))
