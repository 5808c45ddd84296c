"""Downloads past a quota with a price go on, are counted once, and stop at the holder's cap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import hub_world
from hub_world import HubWorld, at, fetch

PRICED = hub_world.DOCUMENT.replace(
    'quota = ["3 downloads / month", "4000 bytes / month"]',
    'quota = ["2 downloads / month"]\noverage = ["0.10 EUR / 1 downloads"]',
)
A_FILE = 100_000_000  # 0.10 EUR, in billionths


async def test_a_download_past_the_quota_is_owed_once_however_often_it_is_fetched(tmp_path: Path) -> None:
    hub = HubWorld(tmp_path, PRICED)
    key = hub.accepting()
    for n in range(5):
        (hub.home / f"src/{n}.py").write_text(f"print({n})")
    for n in (0, 1, 2, 2, 2):
        assert (await fetch(hub.gate, at(f"src/{n}.py"), key)).status == 200
    assert hub.used(key, "downloads/month") == (3, 0)
    assert hub.used(key, "spend/month") == (A_FILE, 0)
    holder = hub.rights.credentials[key.digest].holder_id
    hub.rights.standings[holder, "sample"] = replace(hub.rights.standings[holder, "sample"], cap_nanos=2 * A_FILE)
    hub.rights._changed("standing", holder)
    assert (await fetch(hub.gate, at("src/3.py"), key)).status == 200
    no = await fetch(hub.gate, at("src/4.py"), key)
    assert (no.status, no.error) == (403, "GatedRepo")
    assert (await fetch(hub.gate, at("src/3.py"), key)).status == 200  # counted already
    assert hub.used(key, "spend/month") == (2 * A_FILE, 0)
    hub.close()
