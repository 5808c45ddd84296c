"""The head of a card links a license text that lies there, or none."""

from __future__ import annotations

import pytest

from licet.gate.hub_card import CARD, front, papers
from licet.release.document import read

RELEASE = read(b"""
[release]
name = "whales"
version = "1.0.0"
licensor = "Whale Lab"
repository = "whale-lab/whales"

[[component]]
name = "weights"
kind = "weights"
path = "weights/"
license = "LicenseRef-Whale-1.0"
""")
OWN = "LICENSES/LicenseRef-Whale-1.0.txt"


@pytest.mark.parametrize(
    ("texts", "link"), [([OWN], OWN), (["LICENSE", OWN], OWN), (["LICENSE"], "LICENSE"), ([], None)]
)
def test_the_license_link_of_a_card_is_a_file_that_is_there(texts: list[str], link: str | None) -> None:
    out = RELEASE.components
    assert front(RELEASE, out, 0, texts).get("license_link") == link
    card = papers(RELEASE, out, 0, "https://models.example.org", {}, texts)[CARD].decode()
    assert (f"license_link: {link}" in card) == (link is not None)
    assert ("license_link" in card) == (link is not None)
