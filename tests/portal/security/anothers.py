"""One row of every kind that has an id in an address: Ada's, and her laboratory's, with a canary in all that they wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.portal.certificates.sold import COMMERCIAL, SOLD, publish
from tests.portal.organizations.conftest import Lab
from tests.portal.test_pages_of_mine import client

CANARY = "canary-7f3a"
TERMS = (
    SOLD.replace(b'version = "1.0.0"', b'version = "1.0.0"\nrepository = "lab/sana"')
    + b"""
[[program]]
name = "art"
features = ["advanced"]
questions = ["What is it about?"]
months = 6
answer_days = 4
"""
)
# Parameters of routes that name nobody's thing: what is published, or a word that only its owner has.
PUBLIC = {
    "release": "sana", "component": "weights", "ns": "lab", "name": "sana", "state": "pending", "n": "1", "from_s": "1700000000",
    "word": "0" * 33, "signed": "x:y", "connection_id": "sso_none", "app_label": "portal", "url": "x",
}  # fmt: skip


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    from django.urls import get_resolver
    from django.urls.resolvers import URLPattern

    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one
        else:
            yield from patterns(one, prefix + str(one.pattern))


_HOLE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


class Anothers:
    """`paths(route)` are the addresses of a route with real ids of Ada's in it. `ids` is (in which routes, parameter) ->
    what it is; the longest part of a route that fits counts. A parameter that nobody thought of is a KeyError."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        publish(folder, TERMS)
        self.lab = lab
        self.ids: dict[tuple[str, str], str] = {("", name): value for name, value in PUBLIC.items()}
        self._organization()
        self._people()
        self._money()
        self._words()
        self.eves = self._eves()

    def paths(self, route: str) -> list[str]:
        """As Ada's laboratory has it, and the same ids below an organization of Eve's own."""
        plain = re.sub(r"\(\?![^()]*(?:\([^()]*\))*[^()]*\)", "", route).strip("^$").replace("\\Z", "")
        ours = "/" + _HOLE.sub(lambda hole: self._of(plain, hole[1] or hole[2]), plain).replace("\\", "")
        return [ours, ours.replace(self.lab.made.pk, self.eves)] if "<str:org_id>" in plain else [ours]

    def _of(self, route: str, name: str) -> str:
        fits = [where for where, one in self.ids if one == name and route.startswith(where)]
        if not fits:
            raise KeyError(f"no id for <{name}> in {route}: make one in tests/portal/security/anothers.py")
        return self.ids[max(fits, key=len), name]

    def _organization(self) -> None:
        from licet.portal import events, grants, tiers
        from licet.portal.organizations import founding, invitations, roles, service_accounts
        from licet.portal.sso.models import Connection, Domain, GroupRole

        lab = self.lab
        founding.rename(lab.actor(), f"Lab {CANARY}")
        lab.made.refresh_from_db()
        key = lab.key("ada").key
        key.name = CANARY
        key.save()
        server = Connection.objects.create(
            organization=lab.made, issuer=f"https://{CANARY}.example", client_id="x", secret=b""
        )
        grants.grant(lab.made.holder, "sana", ["advanced"], events.COMMAND, reason=CANARY)
        program = service_accounts.make(lab.actor(), CANARY, lab.role("Member"))
        ours = "my/organizations/"
        self.ids |= {
            (ours, "org_id"): lab.made.pk,
            (ours, "key_id"): key.pk,
            (ours, "membership_id"): lab.row("ada").pk,
            (f"{ours}<str:org_id>/service-accounts", "membership_id"): program.pk,
            (ours, "invitation_id"): invitations.invite(
                lab.actor(), f"{CANARY}@example.org", lab.role("Viewer")
            ).invitation.pk,
            (ours, "role_id"): roles.make(lab.actor(), CANARY, ["call:features"]).pk,
            (ours, "request_id"): tiers.request(lab.made.holder, "sana", "vip", CANARY, events.COMMAND).pk,
            (ours, "domain_id"): Domain.objects.create(organization=lab.made, name=f"{CANARY}.example").pk,
            (ours, "group_id"): GroupRole.objects.create(connection=server, group=CANARY, role=lab.role("Member")).pk,
            (ours, "endpoint_id"): self._endpoint(lab.made.holder),
        }

    def _people(self) -> None:
        from allauth.mfa.models import Authenticator
        from allauth.usersessions.models import UserSession

        from licet.portal import acceptances, events, keys, tiers
        from licet.portal.models import Acceptance
        from licet.portal.programs import applications

        lab, by = self.lab, self.lab.by(self.lab.ada)
        account = lab.ada.account
        passkey = Authenticator.objects.create(user=account, type="webauthn", data={"name": CANARY})
        client("ada@example.org").get("/my/keys")
        here = UserSession.objects.create(user=account, ip="192.0.2.9", session_key="k" * 32, user_agent=CANARY)
        text = acceptances.text("sana", "weights")
        assert text is not None
        acceptances.accept(lab.ada, "sana", text.license, text.sha256, by, how="page")
        asked = applications.draft(lab.ada, "sana", "art", [CANARY], [], by)
        self.ids |= {
            ("my/keys", "key_id"): keys.make(lab.ada, CANARY, by, declared={"commercial": False}).key.pk,
            ("my/requests", "request_id"): tiers.request(lab.ada, "sana", "vip", CANARY, events.COMMAND).pk,
            ("my/receipts", "number"): str(Acceptance.objects.get(holder=lab.ada).pk),
            ("my/applications", "application_id"): applications.send(asked, by).pk,
            ("my/webhooks", "endpoint_id"): self._endpoint(lab.ada),
            ("accounts/2fa", "pk"): str(passkey.pk),
            ("accounts/sessions", "session_id"): str(here.pk),
            ("programs/", "name"): "art",
            ("admin/", "object_id"): lab.ada.pk,
            ("admin/r/", "content_type_id"): "1",
        }

    def _endpoint(self, holder: Any) -> str:
        from licet.portal.outgoing.models import Delivery, Endpoint, Message

        row = Endpoint.objects.create(holder=holder, url=f"https://{CANARY}.example/", name=CANARY, by="x")
        said = Message.objects.create(type="x", holder=holder, body=CANARY)
        Delivery.objects.create(endpoint=row, message=said)
        return str(row.pk)

    def _money(self) -> None:
        """Bought at the sandbox: Ada's purchase, its desk there, and a checkout of the laboratory's that waits."""
        from licet.portal import documents
        from licet.portal.billing.models import Cap, Invoice
        from licet.portal.payments import fetching
        from licet.portal.payments.models import OrderRow
        from licet.portal.payments.port import Order
        from licet.portal.payments.sandbox import adapter

        at = documents.in_force("sana").sha256

        def checkout(holder: Any) -> Any:
            row = OrderRow.objects.create(
                holder=holder, provider="sandbox", release="sana", document=at, tier="premium", interval="month",
                unit_minor=900, currency="EUR", by=holder.pk,
            )  # fmt: skip
            told = Order(id=row.pk, holder_id=holder.pk, release="sana", document=at, tier="premium", interval="month",
                         unit_minor=900, currency="EUR")  # fmt: skip
            return row, adapter.Sandbox().checkout(told, done_url=f"/{CANARY}", back_url=f"/{CANARY}")

        row, found = checkout(self.lab.ada)
        applied = fetching.refresh(adapter.Sandbox(), adapter.finish(found.ref, passes=True))
        assert applied is not None and applied.subscription is not None
        bought = applied.subscription
        waits, waiting = checkout(self.lab.made.holder)
        for holder in (self.lab.ada, self.lab.made.holder):
            Cap.objects.create(holder=holder, release="sana", nanos=7, currency="EUR", by="x")
            Invoice.objects.create(holder=holder, release="sana", from_s=1_700_000_000, until_s=1_702_592_000,
                                   lines=[], totals={"EUR": 700})  # fmt: skip
        self.orders = [row.pk, waits.pk]
        self.ids |= {
            ("my/payments", "number"): str(bought.pk),
            ("sandbox/checkout", "ref"): waiting.ref,
            ("sandbox/customer", "customer"): bought.customer,
        }

    def _words(self) -> None:
        """A question that only Ada and the operators read, a consultation that all read, and a certificate."""
        from licet.portal import documents, events
        from licet.portal.certificates import issuing
        from licet.portal.changes.models import Consultation
        from licet.portal.community.models import Question, Writer

        at = documents.in_force("sana").sha256
        writer = Writer.objects.create(holder=self.lab.ada, name="Ada")
        told = {"writer": writer, "release": "sana", "body": CANARY, "title": CANARY, "words": CANARY}
        private = Question.objects.create(private=True, **told)
        thread = Question.objects.create(**{**told, "body": "open", "title": "open", "words": "open"})
        asked = Consultation.objects.create(
            release="sana", sha256=at, before=at, body=TERMS, question=thread, until_s=2_000_000_000, by="x"
        )
        paper = issuing.issue(self.lab.ada, "sana", "weights", COMMERCIAL, events.COMMAND, basis=CANARY)
        self.ids |= {
            ("questions/", "id"): private.pk,
            ("changes/", "id"): asked.pk,
            ("my/certificates", "id"): paper.pk,
            ("terms/", "prefix"): at[:12],
            ("texts/", "sha256"): at,
            ("documents/", "sha256"): at,
        }

    def _eves(self) -> str:
        from licet.portal.organizations import founding

        eve = self.lab.person("eve")
        return str(founding.found(eve, "Eve's", self.lab.by(eve)).pk)
