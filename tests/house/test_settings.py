"""Are settings read whole, with every finding at once, and without echoing a secret?"""

from __future__ import annotations

import pytest

from licet.errors import Findings
from licet.portal.config import Stripe
from licet.settings import NAMES, Settings, read


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read({}) == Settings()


def test_every_setting_that_is_read_is_documented_and_the_other_way_round() -> None:
    whole = {
        "LICET_URL": "https://models.example.org/",
        "LICET_DATA": "somewhere",
        "LICET_SMTP_URL": "smtp://a:b@localhost:25",
        "LICET_MAIL_FROM": "a@example.org",
        "LICET_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8",
        "LICET_WORKERS": "3",
        "LICET_CORS": "https://app.example.org",
        "LICET_ACCEL": "/licet-files/",
        "LICET_FILES_URL": "https://files.example.org",
        "LICET_STORE_LINKS": "yes",
        "LICET_SSO_NETWORKS": "10.0.0.0/8",
        "LICET_SOCIAL_GITHUB": "id:secret",
        "LICET_SOCIAL_GITHUB_URL": "https://github.example.org",
        "LICET_SOCIAL_GOOGLE": "id:secret",
        "LICET_WEBHOOK_NETWORKS": "127.0.0.1",
        "LICET_STRIPE_KEY": "sk_test_abc",
        "LICET_STRIPE_WEBHOOK_SECRET": "whsec_old, whsec_new",
        "LICET_STRIPE_TAX": "yes",
        "LICET_STRIPE_API": "http://127.0.0.1:12111",
        "LICET_PAYMENTS": "sandbox",
        "LICET_LOG": "debug",
        "LICET_KEEP_ADDRESSES_DAYS": "30",
        "LICET_KEEP_EVENTS_DAYS": "forever",
        "LICET_IDLE_MINUTES": "60",
    }
    assert set(whole) == set(NAMES)
    got = read(whole)
    assert (got.url, got.workers, got.cors, got.log) == (
        "https://models.example.org",
        3,
        ("https://app.example.org",),
        "debug",
    )
    assert len(got.trusted_proxies) == 2
    assert got.stripe == Stripe("sk_test_abc", ("whsec_old", "whsec_new"), tax=True, api="http://127.0.0.1:12111")
    assert (got.keep_addresses_days, got.keep_events_days, got.idle_minutes) == (30, None, 60)


def test_all_findings_come_at_once_and_a_misspelt_name_gets_its_mend() -> None:
    with pytest.raises(Findings) as caught:
        read(
            {
                "LICET_WORKERS": "many",
                "LICET_URL": "models",
                "LICET_WORKRES": "2",
                "LICET_LOG": "loud",
                "LICET_CORS": "app",
                "LICET_ACCEL": "files",
            }
        )
    said = str(caught.value)
    assert len(caught.value.findings) == 6
    assert "did you mean `LICET_WORKERS`?" in said


def test_a_password_in_a_setting_is_neither_echoed_nor_printed() -> None:
    with pytest.raises(Findings) as caught:
        read({"LICET_SMTP_URL": "mailto:canary-secret"})
    assert "canary-secret" not in str(caught.value)
    assert "canary-secret" not in repr(read({"LICET_SMTP_URL": "smtp://a:canary-secret@localhost"}))


def test_nothing_of_an_account_at_stripe_is_echoed_or_printed() -> None:
    with pytest.raises(Findings) as caught:
        read({"LICET_STRIPE_KEY": "pk_live_canary", "LICET_STRIPE_WEBHOOK_SECRET": "canary"})
    assert "canary" not in str(caught.value)
    whole = read({"LICET_STRIPE_KEY": "sk_live_canary", "LICET_STRIPE_WEBHOOK_SECRET": "whsec_canary"})
    assert "canary" not in repr(whole)
    assert whole.stripe is not None
    assert not whole.stripe.test


def test_another_server_than_stripes_is_on_this_machine_or_refused() -> None:
    with pytest.raises(Findings, match="LICET_STRIPE_API: not a server on this machine"):
        read({"LICET_STRIPE_KEY": "sk_test_abc", "LICET_STRIPE_API": "https://stripe.example.org"})


@pytest.mark.parametrize(
    "name, value",
    [("LICET_URL", "http://["), ("LICET_URL", "http://a:99999"), ("LICET_URL", "http://a:b"),
     ("LICET_URL", "https://a\r\nX: y"), ("LICET_URL", "https://a/path"),
     ("LICET_URL", "https://name:word@a"),  # licet: ignore[secret] made up
     ("LICET_SMTP_URL", "smtp://["), ("LICET_SMTP_URL", "smtp://host:word"), ("LICET_MAIL_FROM", "a@b\nBcc: c@d"),
     ("LICET_MAIL_FROM", "nobody")],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_a_finding_and_no_traceback(name: str, value: str) -> None:
    with pytest.raises(Findings) as caught:
        read({name: value})
    assert [f.path for f in caught.value.findings] == [name]


@pytest.mark.parametrize(
    "name, value",
    [("LICET_STRIPE_TAX", "yes"), ("LICET_STRIPE_API", "http://127.0.0.1:12111"), ("LICET_STRIPE_WEBHOOK_SECRET", "whsec_a"),
     ("LICET_SOCIAL_GITHUB_URL", "https://github.example.org")],
)  # fmt: skip
def test_a_setting_that_would_have_no_effect_is_refused(name: str, value: str) -> None:
    with pytest.raises(Findings, match=f"{name}: of no use"):
        read({name: value})


def test_the_key_that_examples_keep_in_the_environment_stops_no_server() -> None:
    assert read({"LICET_KEY": "lic_live_whatever"}) == Settings()
