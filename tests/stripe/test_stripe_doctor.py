"""Does `licet doctor` see what keeps Stripe from being heard?"""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from tests.stripe.conftest import Shop

from licet.portal.payments import stripe_sdk


def _rules(data: Path) -> set[str]:
    from licet.cli import doctor

    return {one.rule for one in doctor.findings(argparse.Namespace(dir=None, data=data))}


def test_a_missing_secret_a_missing_sdk_and_events_that_wait_are_findings(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from licet.portal.payments.models import WebhookEvent

    monkeypatch.chdir(tmp_path)
    data = shop.config.data
    assert not _rules(data) & {"no-webhook", "no-stripe-sdk", "events-wait"}
    monkeypatch.setenv("LICET_STRIPE_KEY", "sk_test_abc")
    assert _rules(data) & {"no-webhook", "no-stripe-sdk"} == {"no-webhook"}
    monkeypatch.setenv("LICET_STRIPE_WEBHOOK_SECRET", "whsec_abc")
    assert "no-webhook" not in _rules(data)
    monkeypatch.setattr(stripe_sdk, "find_spec", lambda name: None)
    assert "no-stripe-sdk" in _rules(data)
    WebhookEvent.objects.create(
        provider="stripe", ref="evt_1", what="x", about="sub_1", made_s=1, tries=9, wrong="away"
    )
    assert "events-wait" in _rules(data)
