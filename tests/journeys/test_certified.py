"""Somebody buys a license, prints its certificate, has it checked without the server, and accepts another with a receipt."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Person, chromium
from tests.journeys.conftest import Demo
from tests.serve.served import licet

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Debian's package brings it; `scripts/test` says aloud when it could not.
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

CLEO, PASSWORD = "cleo@example.org", "a rather long pass phrase"


def saved(person: Person, words: str, folder: Path) -> Path:
    with person.page.expect_download() as loading:
        person.page.locator("#content").get_by_role("link", name=words, exact=True).first.click()
    file = folder / loading.value.suggested_filename
    loading.value.save_as(file)
    return file


def test_a_license_is_bought_proved_without_the_server_and_asked_with(
    demo: Demo, chrome: Browser, tmp_path: Path
) -> None:
    cleo = Person(chrome, demo.url, script=False)
    cleo.go("/accounts/signup/")
    cleo.fill("Email", CLEO)
    cleo.fill("Password", PASSWORD)
    cleo.press("Sign Up")
    cleo.page.locator("input[name=code]").fill(demo.mail.code(CLEO))
    cleo.press("Confirm")
    cleo.page.wait_for_url(re.compile(r"/my/"))

    # The license says no, and names who sells the yes.
    release = tmp_path / "licet.toml"
    release.write_text(cleo.page.request.get(f"{demo.url}/documents/{document(cleo)}?raw=1").text())
    asked = ["may", "commercial-use", "--component", "sample", "--release", str(tmp_path), "--json"]
    before = json.loads(licet(*asked).stdout)
    assert (before["answer"], before["would_allow"][0]["offer"]) == ("no", "tier:premium")

    cleo.go("/my/certificates")
    cleo.sees("You have none yet.")
    cleo.go("/my/buy?tier=premium")
    cleo.press("Continue to payment")
    cleo.press("Pay: the bank asks for one more step")
    cleo.press("It is me: confirm")
    cleo.sees("You have premium from your next call on")

    # It came by mail, stands on a page that prints as one sheet, and is a file.
    assert "This is your certificate" in demo.mail.next(CLEO, "Your certificate")
    cleo.go("/my/certificates")
    cleo.follow("LicenseRef-Licet-Demo-Commercial-1.0")
    for words in ("publish-outputs", "Say where the numbers came from", "tier premium"):
        cleo.sees(words)
    cleo.page.emulate_media(media="print")
    assert not cleo.page.get_by_role("navigation").first.is_visible()
    assert not cleo.page.get_by_role("link", name="Download the file").is_visible()
    assert cleo.page.get_by_role("heading", name=CLEO).is_visible()
    cleo.page.emulate_media(media="screen")
    certificate = saved(cleo, "Download the file", tmp_path)

    # Whoever is shown it needs the keys, and nothing else of the server.
    keys, listed = tmp_path / "jwks.json", tmp_path / "list.json"
    keys.write_text(cleo.page.request.get(f"{demo.url}/.well-known/jwks.json").text())
    listed.write_text(cleo.page.request.get(f"{demo.url}/.well-known/licet-revocations.json").text())
    verify = ["verify", str(certificate), "--key", str(keys), "--revocations", str(listed)]
    told = licet(*verify)
    assert (told.returncode, told.stdout.startswith("HOLDS")) == (0, True), told.stderr
    with_it = licet(*asked, "--certificate", str(certificate), "--certificate-key", str(keys))
    answer = json.loads(with_it.stdout)
    assert (answer["answer"], answer["because"][0]["cite"]) == ("yes", f"certificate {certificate.stem}")
    certificate.write_text(certificate.read_text().replace(CLEO, "eve@example.org"))
    assert licet(*verify).returncode == 1
    spoilt = json.loads(licet(*asked, "--certificate", str(certificate), "--certificate-key", str(keys)).stdout)
    assert {k: v for k, v in spoilt.items() if k != "certificate"} == before

    # A license is accepted, and its receipt is proved the same way.
    cleo.go("/licenses/probe/accept")
    cleo.page.get_by_label("I have read this text and I accept it.").check()
    cleo.press("Accept")
    cleo.sees("You have accepted LicenseRef-Licet-Demo-1.0.")
    receipt = saved(cleo, "Receipt", tmp_path)
    told = licet("verify", str(receipt), "--key", str(keys))
    assert (told.returncode, "LicenseRef-Licet-Demo-1.0 was accepted" in told.stdout) == (0, True), told.stderr

    # Money back, certificate back: the list knows it from then on.
    cleo.go("/my/payments")
    cleo.follow("Way to pay, and invoices")
    cleo.press("Give it back")
    listed.write_text(cleo.page.request.get(f"{demo.url}/.well-known/licet-revocations.json").text())
    assert certificate.stem in listed.read_text()
    cleo.go("/my/certificates")
    cleo.sees("taken back")
    assert cleo.troubles == []


def document(person: Person) -> str:
    person.go("/documents/")
    found = re.search(r"/documents/([0-9a-f]{12,64})", person.page.content())
    assert found is not None
    return found[1]
