"""The canary: after everything that a key can go through, its text is nowhere but in the answers that gave it."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
from tests.portal.test_console import LISTS, act, operator
from tests.portal.test_doors import PASSWORD, mails, sign_up
from tests.portal.test_pages_of_mine import MINE, client, make, the_key

from licet.portal.config import PortalConfig


def test_no_key_and_no_password_is_kept_told_or_logged(
    release: Path, portal: PortalConfig, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    from licet.portal import audit, events
    from licet.portal.models import Event, Key

    caplog.set_level(logging.DEBUG)  # templates that fail print what they were given: not even there
    browser = sign_up(portal)
    bearer = the_key(make(browser).content.decode())
    key = Key.objects.get()
    form = browser.get(f"/my/keys/{key.pk}").context["rotate"]
    told = {"overlap_s": "86400", "nonce": form.initial["nonce"]}
    rotated = the_key(browser.post(f"/my/keys/{key.pk}/rotate", told).content.decode())
    pages = []
    for one in (bearer, rotated, f"{rotated}x"):
        headers = {"Authorization": f"Bearer {one}"}
        pages.append(client().get("/v1/acceptances", headers=headers))
        pages.append(
            client().post("/v1/acceptances", {"license": one}, content_type="application/json", headers=headers)
        )
        pages.append(
            client().post(
                "/v1/requests", {"tier": one, "reason": "x"}, content_type="application/json", headers=headers
            )
        )
        pages.append(client().get(f"/nothing/{len(one)}", headers=headers))
    pages += [browser.get(path) for path in [*MINE, f"/my/keys/{key.pk}"]]
    console = operator()
    pages += [console.get(f"/admin/portal/{model}/") for model in LISTS]
    pages.append(console.get(f"/admin/portal/key/{key.pk}/change/"))
    act(console, "key", "revoke", key)
    browser.post("/accounts/login/", {"login": "ada@example.org", "password": f"{PASSWORD}!"})
    browser.post("/my/tier/request", {"release": "sana", "tier": "vip", "reason": f"My key is {bearer}, does it fit?"})
    audited = io.StringIO()
    audit.export(audited, events.COMMAND)
    seen = capfd.readouterr()
    kept = {
        "a page": "".join(page.content.decode() for page in pages),
        "a mail": "".join(f"{mail.subject}{mail.body}" for mail in mails(portal)),
        "a log": caplog.text + seen.out + seen.err,
        "a file": "".join(p.read_bytes().decode("latin-1") for p in portal.data.rglob("*") if p.is_file()),
        "an event": "".join(str(e.row()) for e in Event.objects.all()),
        "an exported audit": audited.getvalue(),
    }
    for where, text in kept.items():
        for secret in (bearer, rotated, PASSWORD):
            assert secret not in text, f"{where} holds a secret"
            assert secret[-39:] not in text, f"{where} holds the secret's own part"
