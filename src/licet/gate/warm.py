"""What can be worked out before anybody asks? The answers for those who bring nothing but their tier.

The first no of a tier costs some milliseconds: every way to a yes is tried before it is told. Holders of equal standing
share one table, so this is done once at start, a feature at a time, with other callers' turns in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from licet.access.standing import Standing
from licet.access.table import anonymous
from licet.gate.rights import Rights
from licet.release.release import Release
from licet.terms.action import DOWNLOAD


async def warm(rights: Rights, epoch_s: Callable[[], int]) -> None:
    """Fill the tables of callers without an account and of each tier's plain holders."""
    for name in rights.releases:
        newest = rights.newest(name, epoch_s())
        for standing in usual(newest):
            for feature in newest.features:
                await asyncio.sleep(0)
                now_s = epoch_s()
                if (
                    rights.newest(name, now_s) is not newest
                ):  # another came into force meanwhile: asked, it is worked out
                    return
                table = rights.tables.of(newest, standing, None, newest)
                serves = feature.serves[0] if feature.serves else ""
                asked = (DOWNLOAD, feature.download) if feature.download else (feature.name, serves)
                if not table.slot(*asked, now_s).ways:
                    table.refusal(*asked, now_s, {})
                table.offers(*asked, now_s)  # also of what is allowed: its quota may run out


def usual(release: Release) -> Iterator[Standing]:
    """What most callers are to a release: strangers, and accounts that hold a tier and have agreed to nothing yet."""
    yield anonymous(release)
    for tier in release.tiers:
        facts = {f"approved:{tier.name}": True} | ({f"paid:{tier.name}": True} if tier.price is not None else {})
        claims = frozenset({"account", f"tier:{tier.name}"})
        yield Standing("", release.name, tier.name, release.sha256, claims, facts)
