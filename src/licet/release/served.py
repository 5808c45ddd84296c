"""Which parts of a well-read release can this version not serve yet? `licet serve` refuses, `licet may` answers."""

from __future__ import annotations

from collections.abc import Iterable

from licet.errors import Finding
from licet.release.release import Feature, Tier


def unserved(features: Iterable[Feature], tiers: Iterable[Tier], path: str) -> tuple[Finding, ...]:
    """One finding for each part, on its line. Every feature is served; `features` stands here for those to come."""
    mend = "take it out to serve the rest; `licet may` already answers for it"
    says = "tier `{}` goes on past its quota for a price: this version cannot count that yet"
    over = (level for level in tiers if level.overage)
    return tuple(sorted(Finding(path, t.overage[0].line, "unserved", says.format(t.name), mend) for t in over))
