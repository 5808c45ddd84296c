"""Which call shall somebody try first with a new key? One that will be let in, with an input that will be taken."""

from __future__ import annotations

from collections.abc import Iterator

from licet.portal import documents, tiers
from licet.portal.models import Key
from licet.portal.my.tier import allowed
from licet.portal.pages.calls import Example, example
from licet.release.release import Feature


def first_call(key: Key) -> Example | None:
    """The first with a known input of all that the key may call; else the first; None where it is for downloads alone."""
    found = [example(feature) for feature in _open(key) if not feature.download]
    return next((one for one in found if one.body), found[0] if found else None)


def _open(key: Key) -> Iterator[Feature]:
    """What the gate would let in now, in the order of the release."""
    for name in documents.releases():
        held = tiers.current(key.holder, name)
        if held is None or (key.releases and name not in key.releases):
            continue
        for one in allowed(key.holder, held, documents.in_force(name)):
            if one.answer == "yes" and (not key.features or one.feature.name in key.features):
                yield one.feature
