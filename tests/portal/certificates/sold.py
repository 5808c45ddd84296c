"""A release that sells a license for its weights, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.portal.conftest import LICET

COMMERCIAL = "LicenseRef-Example-Commercial-1.0"
SOLD = (
    LICET.replace(
        b'price = "9.00 EUR / month"',
        b'price = "9.00 EUR / month"\nlicenses = { weights = "LicenseRef-Example-Commercial-1.0" }',
    )
    + b"""
[[certificate]]
license = "LicenseRef-Example-Commercial-1.0"
can = ["use", "modify"]
must = ["Name the lab."]
"""
)
TEXT = "The commercial license of the lab.\n"
DAY_S = 86_400


def publish(folder: Path, body: bytes = SOLD, **texts: str) -> str:
    """Publish a document with license texts beside it; its SHA-256."""
    from licet.portal import documents, events

    (folder / "LICENSES").mkdir(exist_ok=True)
    for name, text in {"CC-BY-NC-4.0": "The text, as it is.\n", COMMERCIAL: TEXT, **texts}.items():
        (folder / "LICENSES" / f"{name}.txt").write_text(text)
    (folder / "licet.toml").write_bytes(body)
    return documents.publish(body, events.COMMAND, folder=folder).sha256


def somebody(email: str = "ada@example.org") -> Any:
    from licet.portal import accounts, events

    return accounts.create(email, "correct horse battery", events.COMMAND)


def organization(owner: Any, name: str = "Whale Watch") -> Any:
    from licet.portal.events import By
    from licet.portal.organizations import founding

    return founding.found(owner, name, By(owner.pk)).holder
