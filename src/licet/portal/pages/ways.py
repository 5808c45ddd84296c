"""What can somebody who was refused do? The offers of `access`, tried there, with the addresses of our pages."""

from __future__ import annotations

from licet.portal.pages.asking import Answered
from licet.portal.pages.source import Shown
from licet.terms.plain import Offered


def offers(shown: Shown, answered: Answered, now_s: int) -> tuple[Offered, ...]:
    """Ways to a yes, the cheapest first; none for anything but a no."""
    return ()
