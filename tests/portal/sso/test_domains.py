"""A domain is whose who reads its mail; nobody speaks for a domain that is not his."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.portal.sso.conftest import SsoLab
from tests.portal.test_doors import mails
from tests.portal.test_pages_of_mine import client

from licet.errors import LicetError


def asked(lab: SsoLab, portal: Any, name: str = "whales.example") -> str:
    from licet.portal.sso import domains

    domains.ask(lab.actor(), name, "postmaster")
    found = re.search(r"http\S+(/accounts/domains/\w+)", mails(portal)[-1].body)
    assert found is not None
    return found[1]


def test_a_mail_to_the_postmaster_confirms_it_once_and_only_by_a_button(lab: SsoLab, portal: Any) -> None:
    path = asked(lab, portal)
    assert mails(portal)[-1].to == "postmaster@whales.example"
    assert b"Whale Lab" in client().get(path).content
    assert lab.made.domains.get().verified_s is None  # scanners of mail follow links
    assert b"is confirmed" in client().post(path).content
    row = lab.made.domains.get()
    assert row.verified_s is not None and row.verified_how == "mail" and row.digest is None
    assert client().get(path).status_code == client().post(path).status_code == 404


def test_a_link_that_is_forged_late_or_overtaken_confirms_nothing(lab: SsoLab, portal: Any, hands: Any) -> None:
    first = asked(lab, portal)
    second = asked(lab, portal)
    assert client().post("/accounts/domains/" + "0" * 33).status_code == 404
    assert client().post(first).status_code == 404
    hands.forward(3 * 24 * 3600)
    assert client().post(second).status_code == 404
    assert lab.made.domains.get().verified_s is None


def test_a_domain_is_one_organizations(lab: SsoLab, portal: Any) -> None:
    from licet.portal import events
    from licet.portal.organizations import founding
    from licet.portal.organizations.acting import member
    from licet.portal.sso import domains

    client().post(asked(lab, portal))
    eve = lab.person("eve")
    hers = founding.found(eve, "Eve's Lab", lab.by(eve))
    actor = member(hers.memberships.get(person=eve), lab.by(eve))
    row = domains.ask(actor, "WHALES.example.", "admin")
    with pytest.raises(LicetError, match="for another organization"):
        domains.vouch(row, events.COMMAND)
    with pytest.raises(LicetError, match="only an operator"):
        domains.vouch(row, lab.by(eve))
    with pytest.raises(LicetError, match="not a domain of the organization"):
        domains.remove(actor, lab.made.domains.get())


@pytest.mark.parametrize(
    "name",
    ["", "whales", "127.0.0.1", "[::1]", "whales..example", "-whales.example", "whales.example/x", "a@whales.example",
     "whales .example", "*.example", "x" * 64 + ".example", ".example", "example.1", "whales.example\nx"],
)  # fmt: skip
def test_what_is_no_domain_is_not_asked_for(lab: SsoLab, portal: Any, name: str) -> None:
    from licet.portal.sso import domains

    with pytest.raises(LicetError, match="is not a domain"):
        domains.ask(lab.actor(), name, "postmaster")
    assert mails(portal) == ()


def test_the_mail_goes_to_no_name_that_anybody_can_get(lab: SsoLab, portal: Any) -> None:
    from licet.portal.sso import domains

    for mailbox in ("ann", "info", "postmaster@evil.example,x", ""):
        with pytest.raises(LicetError, match="a name that each domain keeps"):
            domains.ask(lab.actor(), "whales.example", mailbox)
    assert mails(portal) == ()


def test_ten_such_mails_a_day_are_enough(lab: SsoLab, portal: Any) -> None:
    for n in range(10):
        asked(lab, portal, f"w{n}.example")
    with pytest.raises(LicetError, match="go on tomorrow"):
        asked(lab, portal, "w10.example")


@pytest.mark.parametrize(
    ("email", "domain"),
    [("ann@whales.example", "whales.example"), ("ANN@WHALES.EXAMPLE", "whales.example"),
     ("ann@\uff57hales.example", "whales.example"), ("ann@w\u00e4le.example", "xn--wle-qla.example"),
     ("ann@xn--wle-qla.example", "xn--wle-qla.example"), ("ann@wh\u0430les.example", "xn--whles-5ve.example"),
     ("ann", ""), ("@whales.example", ""), ("ann@", "")],
)  # fmt: skip
def test_look_alikes_of_a_domain_are_the_domain_only_where_they_are_the_same_letters(
    portal: Any, email: str, domain: str
) -> None:
    from licet.portal.sso import domains

    assert domains.of(email) == domain


def test_only_who_sets_the_sign_in_names_domains(lab: SsoLab) -> None:
    from licet.portal.organizations.acting import Refused
    from licet.portal.sso import domains

    lab.joins("bob", "Admin")
    with pytest.raises(Refused):
        domains.ask(lab.actor("bob"), "whales.example", "postmaster")


def test_the_operator_vouches_on_the_console_and_sees_no_secret(lab: SsoLab, idp: Any) -> None:
    from licet.portal import accounts, events
    from licet.portal.sso.models import Domain

    lab.connects(idp)
    row = Domain.objects.create(organization=lab.made, name="dolphins.example")
    accounts.create("op@example.org", "correct horse battery", events.COMMAND, operator=True)
    operator = client("op@example.org")
    operator.post("/admin/sso/domain/", {"action": "vouch", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.verified_how == "operator"
    page = operator.get(f"/admin/sso/connection/{lab.connection.pk}/change/").content
    assert idp.issuer.encode() in page and idp.secret.encode() not in page
    assert bytes(lab.connection.secret).hex().encode() not in page
    assert client("bob@example.org").get("/admin/sso/domain/").status_code == 302
