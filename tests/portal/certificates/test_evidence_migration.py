"""A data folder of before acceptances had evidence is brought here with every promise in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STORY = """
import sys
from pathlib import Path

from licet.portal import start
from licet.portal.config import PortalConfig

start.configure(PortalConfig(Path(sys.argv[1])))
from django.core.management import call_command
from django.db import connection

call_command("migrate", "portal", "0004", verbosity=0)
with connection.cursor() as db:
    db.execute("INSERT INTO portal_holder (id, kind, made_s, suspended_why) VALUES ('hol_1', 'account', 1, '')")
    for component in ("code", "weights"):
        db.execute("INSERT INTO portal_licensetext (release, document, component, license, sha256, file, body) "
                   "VALUES ('sana', 'd1', %s, %s, %s, 'f', x'00')", [component, f"L-{component}", f"sha-{component}"])
    db.execute("INSERT INTO portal_acceptance (holder_id, release, license, sha256, document, at_s, how, by) "
               "VALUES ('hol_1', 'sana', 'L-weights', 'sha-weights', 'd1', 7, 'page', 'hol_1')")
    db.execute("INSERT INTO portal_acceptance (holder_id, release, license, sha256, document, at_s, how, by) "
               "VALUES ('hol_1', 'sana', 'L-gone', 'sha-gone', 'd0', 5, 'api', 'hol_1')")
call_command("migrate", verbosity=0)

from licet.portal.models import Acceptance, LicenseText

rows = list(Acceptance.objects.order_by("at_s").values_list("license", "component", "how", "by", "at_s"))
assert rows == [("L-gone", "", "api", "hol_1", 5), ("L-weights", "weights", "page", "hol_1", 7)], rows
row = Acceptance.objects.get(at_s=7)
assert (row.receipt, row.answers, row.address, row.authority) == ("", {}, "", "")
assert list(LicenseText.objects.values_list("carried", flat=True)) == [False, False]
print("kept")
"""


def test_old_promises_stay_as_they_were_and_know_their_component(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", STORY, str(tmp_path / "data")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (told.returncode, told.stdout.strip()) == (0, "kept"), told.stderr
