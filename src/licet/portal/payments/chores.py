"""What does the server do about money by itself? Three chores of `portal/chores.py`; each may run twice, late or never."""

from __future__ import annotations

from licet.portal.payments import fetching, pricing, telling
from licet.portal.payments.undo import undo as undo

__all__ = ["reconcile", "tell", "undo"]


def reconcile() -> None:
    """Fetch everything anew: what events were lost, it heals. Then what moved with notice gets its new price."""
    fetching.everything(shut=True)
    pricing.follow()


def tell() -> None:
    telling.tell()
