"""The portal's fixtures, and a release with two programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portal.conftest import LICET, Hands, config, directory, hands, portal  # noqa: F401

WITH_PROGRAMS = (
    LICET
    + b"""
[[feature]]
name = "fetch"
download = "weights"

[[program]]
pattern = "research"
features = ["advanced", "fetch"]
quota = ["3 calls / month"]
months = 6
answer_days = 4

[[program]]
name = "art"
features = ["advanced"]
questions = ["What is it about?"]
"""
)


@pytest.fixture
def release(portal: object, tmp_path: Path) -> Path:  # noqa: F811
    """The folder of a published release with programs."""
    from licet.portal import documents, events

    (tmp_path / "LICENSES").mkdir()
    (tmp_path / "LICENSES" / "CC-BY-NC-4.0.txt").write_text("The text of the license.\n")
    (tmp_path / "licet.toml").write_bytes(WITH_PROGRAMS)
    documents.publish(WITH_PROGRAMS, events.COMMAND, folder=tmp_path)
    return tmp_path
