"""Two whole servers on one data folder: what is given, taken and revoked anywhere holds at both from the next call on."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import call, licet, release, running

PREMIUM = """
[[tier]]
name = "premium"
features = ["*"]
price = "9.00 EUR / month"
"""


@pytest.mark.slow
def test_a_change_made_by_a_third_process_holds_at_two_servers_from_the_next_call_on(tmp_path: Path) -> None:
    folder = release(tmp_path / "voice", limit=50, extra=PREMIUM)
    here = ("--data", str(folder / ".licet"))
    with running("serve", str(folder), "--port", "0") as one, running("serve", str(folder), "--port", "0") as other:
        urls = [server.wait_for("is served at").split()[-1] for server in (one, other)]
        licet("account", "create", "ada@example.org", *here)
        made = licet("key", "make", "ada@example.org", *here)
        key = next(word for word in made.stdout.split() if word.startswith("lic_"))

        def answers() -> list[int]:
            return [call(f"{url}/v1/features/whisper", key, {"text": "HEY"})[0] for url in urls]

        assert answers() == [403, 403]
        for tier, status in [("premium", 200), ("free", 403), ("premium", 200)]:
            assert licet("tier", "give", "ada@example.org", tier, *here).returncode == 0
            assert answers() == [status, status]
        assert licet("key", "revoke", f"key_{key.split('_')[2]}", *here).returncode == 0
        assert answers() == [401, 401]
