"""What does the page say to a machine? `/terms.json`: the release as it is in force, with this server's addresses."""

from __future__ import annotations

from typing import Any

from licet.portal.pages.source import Shown
from licet.release.publish import terms as published


def terms(shown: Shown, url: str) -> dict[str, Any]:
    return published.terms(shown.release, from_s=shown.from_s, url=url)
