"""The ODRL twin is the file that `licet build` writes for the document in force."""

from __future__ import annotations

import json
from pathlib import Path

from tests.portal.test_known import answer
from tests.portal.test_pages import RICH, publish

from licet.portal.config import PortalConfig


def test_the_odrl_twin_is_what_build_writes_for_the_document_in_force(portal: PortalConfig, tmp_path: Path) -> None:
    from licet.portal import clock
    from licet.release.document import read
    from licet.release.publish.odrl import odrl

    publish(RICH, tmp_path)
    found = answer("/odrl.jsonld")
    assert (found.status_code, found["Content-Type"]) == (200, "application/ld+json")
    assert found["Access-Control-Allow-Origin"] == "*"
    assert json.loads(found.content) == json.loads(odrl(read(RICH), clock.now_s() // 86_400 * 86_400))


def test_without_a_document_there_is_no_twin_yet(portal: PortalConfig) -> None:
    assert answer("/odrl.jsonld").status_code == 503
