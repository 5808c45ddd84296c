"""Is somebody kept from being moved to less? Where the document that a tier is held at pledges it.

"What you have accepted will not be withdrawn from versions you have." The pledge stands in the document held, so that no
later document can take it back. Two places keep it: `tiers` leaves such a holder at its document whoever moves it, and
`readmodel` lets every text that was ever published count as accepted. The gate reads what follows from both.
"""

from __future__ import annotations

from functools import lru_cache

from licet.portal import documents
from licet.portal.models import Held
from licet.release.diff import changes
from licet.release.release import Release


def keeps(held: Held, at: Release) -> bool:
    """Does the document it is held at pledge, and would (or might) its holder lose by a move to `at`?"""
    return _keeps(held.document, held.tier, at.sha256)


@lru_cache(maxsize=512)
def _keeps(document: str, tier: str, newest: str) -> bool:
    if document == newest:
        return False
    old = documents.read(document)
    return old.pledge and loses(document, tier, newest)


@lru_cache(maxsize=512)
def loses(document: str, tier: str, newest: str) -> bool:
    """Would, or might, who holds this tier at one document lose by another?"""
    at = documents.read(newest)
    if at.tier(tier) is None:
        return True
    return any(c.loses and tier in c.tiers for c in changes(documents.read(document), at))
