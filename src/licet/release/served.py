"""Which parts of a well-read release can this version not serve yet? `licet serve` refuses, `licet may` answers."""

from __future__ import annotations

from collections.abc import Iterable

from licet.errors import Finding
from licet.release.release import Feature, Tier

_LATER = (("openai", "an OpenAI-compatible server"), ("http", "another server"), ("download", "a download"))


def unserved(features: Iterable[Feature], tiers: Iterable[Tier], path: str) -> tuple[Finding, ...]:
    """One finding for each part, on its line."""
    mend = "take it out to serve the rest; `licet may` already answers for it"
    found = [
        Finding(path, one.line, "unserved", f"feature `{one.name}` is {words}: this version cannot serve it yet", mend)
        for one in features
        for key, words in _LATER
        if getattr(one, key)
    ]
    for level in tiers:
        if level.overage:
            says = f"tier `{level.name}` goes on past its quota for a price: this version cannot count that yet"
            found.append(Finding(path, level.overage[0].line, "unserved", says, mend))
    return tuple(sorted(found))
