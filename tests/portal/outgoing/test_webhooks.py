"""Other servers are told what happened: signed, at least once, for days, and never silently given up."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import webhooks
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from licet.errors import LicetError
from licet.portal import config as portal_config
from licet.portal.config import PortalConfig

HERE = (ip_network("127.0.0.0/8"),)


@dataclass
class Receiver:
    """A server on this machine that takes what it is sent, or does not."""

    url: str = ""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # for the next requests; then 204
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.heard]

    def verified(self, secret: str) -> list[Any]:
        return [Webhook(secret).verify(body, headers) for headers, body in self.heard]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status = told.answers.pop(0) if told.answers else 204
            if status == 0:  # hangs up
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def near(portal: PortalConfig, hands: Any, monkeypatch: pytest.MonkeyPatch) -> PortalConfig:
    """The operator allows webhooks to this machine."""
    from licet.portal.outgoing import post

    class Now(datetime):  # the reference library asks the system's clock; a test turns ours
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.fromtimestamp(hands.at_s, tz)

    monkeypatch.setattr(webhooks, "datetime", Now)
    allowed = replace(portal, webhook_networks=HERE)
    monkeypatch.setattr(post, "current", lambda: allowed)
    return allowed


def make(url: str, holder: Any = None, **more: Any) -> tuple[Any, str]:
    from licet.portal import clock, events
    from licet.portal.outgoing import endpoints

    row = endpoints.make(holder, url, events.COMMAND, **more)
    return row, endpoints.secrets(row, clock.now_s())[0].reveal()


def send() -> int:
    from licet.portal.outgoing import sending

    return sum(sending.empty(name) for name in sending.due())


def somebody(email: str = "ada@example.org") -> Any:
    from licet.portal import accounts, events

    return accounts.create(email, None, events.COMMAND)


def deliveries(**which: Any) -> list[Any]:
    from licet.portal.outgoing.models import Delivery

    return list(Delivery.objects.filter(**which).order_by("id"))


# --- what is sent


def test_a_tier_that_is_given_is_told_with_a_signature_that_the_reference_library_accepts(
    near: PortalConfig, release: Path, receiver: Receiver
) -> None:
    from licet.portal import events, tiers

    _, secret = make(receiver.url)
    ada = somebody()
    tiers.give(ada, "sana", "premium", events.COMMAND)
    assert send() == len(receiver.heard) > 0
    told = receiver.verified(secret)
    assert [(t["type"], t["data"]["tier"]) for t in told] == [
        ("access.granted", "free"), ("access.ended", "free"), ("access.granted", "premium"),
    ]  # fmt: skip
    assert {t["data"]["holder"] for t in told} == {ada.pk}
    assert told[0]["timestamp"].endswith("Z")
    assert "ada@example.org" not in str(receiver.heard)
    with pytest.raises(WebhookVerificationError):
        receiver.verified("whsec_" + "A" * 44)


def test_a_body_that_was_changed_is_not_ours(near: PortalConfig, release: Path, receiver: Receiver) -> None:
    row, secret = make(receiver.url)
    from licet.portal.outgoing import endpoints

    endpoints.test(row)
    send()
    ((headers, body),) = receiver.heard
    Webhook(secret).verify(body, headers)
    for bad in ((headers, body + b" "), ({**headers, "webhook-id": "msg_other"}, body)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(bad[1], bad[0])


def test_the_outbox_is_written_in_the_transaction_of_the_event_or_not_at_all(
    near: PortalConfig, release: Path, receiver: Receiver
) -> None:
    from django.db import transaction

    from licet.portal import events, tiers
    from licet.portal.outgoing.models import Message

    make(receiver.url)
    ada = somebody()
    before = Message.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        tiers.give(ada, "sana", "premium", events.COMMAND)
        assert Message.objects.count() > before
        raise RuntimeError("the act is undone")
    assert Message.objects.count() == before


def test_a_holder_hears_of_itself_and_of_the_terms_and_nobody_elses(
    near: PortalConfig, release: Path, receiver: Receiver
) -> None:
    from tests.portal.conftest import LICET

    from licet.portal import documents, events, tiers

    ada, eve = somebody(), somebody("eve@example.org")
    make(receiver.url, ada)
    tiers.give(eve, "sana", "premium", events.COMMAND)
    documents.publish(LICET.replace(b"1.0.0", b"1.0.1"), events.COMMAND)
    tiers.give(ada, "sana", "premium", events.COMMAND)
    send()
    assert receiver.types == ["license.changed", "access.ended", "access.granted"]


def test_an_endpoint_hears_only_of_the_types_it_asked_for(
    near: PortalConfig, release: Path, receiver: Receiver
) -> None:
    from licet.portal import events, keys

    ada = somebody()
    make(receiver.url, types=["key.revoked"])
    made = keys.make(ada, "laptop", events.COMMAND, declared={"commercial": False})
    keys.revoke(made.key, events.COMMAND, why="lost")
    send()
    assert receiver.types == ["key.revoked"]
    (told,) = [json.loads(body)["data"] for _, body in receiver.heard]
    assert told["key"] == made.key.pk and "laptop" not in str(told) and "lost" not in str(told)
    with pytest.raises(LicetError, match=r"did you mean `key\.revoked`"):
        make(receiver.url, types=["key.revokd"])


def test_every_type_that_is_told_is_listed_and_every_event_of_it_exists() -> None:
    from licet.portal.events import WHAT
    from licet.portal.outgoing import catalog

    assert set(catalog._HEARD) <= WHAT
    assert set(catalog.TYPES) >= {"acceptance.created", "quota.80", "quota.100", "key.leaked", "payment.failed"}


# --- faults


@pytest.mark.parametrize("status", [0, 301, 400, 410, 429, 500, 503])
def test_what_is_not_taken_is_sent_again_under_the_same_id(
    near: PortalConfig, release: Path, receiver: Receiver, hands: Any, status: int
) -> None:
    from licet.portal.outgoing import endpoints

    row, _ = make(receiver.url)
    receiver.answers = [status]
    receiver.headers = {"location": receiver.url} if status == 301 else {}
    endpoints.test(row)
    assert (send(), send()) == (0, 0)
    assert len(receiver.heard) == 1
    hands.forward(6)
    assert send() == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
    first, second = (int(headers["webhook-timestamp"]) for headers, _ in receiver.heard)
    assert second - first == 6
    assert [d.state for d in deliveries()] == ["taken"]


def test_a_receiver_that_asks_to_be_left_alone_is(
    near: PortalConfig, release: Path, receiver: Receiver, hands: Any
) -> None:
    from licet.portal.outgoing import endpoints

    row, _ = make(receiver.url)
    receiver.answers, receiver.headers = [503], {"retry-after": "600"}
    endpoints.test(row)
    send()
    hands.forward(599)
    assert send() == 0
    hands.forward(1)
    assert send() == 1


def test_after_days_it_is_dead_its_owner_was_told_once_and_it_can_be_sent_again(
    near: PortalConfig, release: Path, receiver: Receiver, hands: Any
) -> None:
    from licet.portal.models import Event
    from licet.portal.outgoing import endpoints, sending

    ada = somebody()
    row, secret = make(receiver.url, ada)
    for old in near.mail_dir.glob("*.eml"):
        old.unlink()
    receiver.answers = [500] * 100
    endpoints.test(row)
    began = hands.at_s
    while deliveries()[0].state == "waits":
        hands.at_s = deliveries()[0].next_s
        send()
    assert 4.5 * 86_400 < hands.at_s - began < 7 * 86_400
    assert len(receiver.heard) == len(sending.WAITS_S) + 1
    mails = [path.read_text() for path in near.mail_dir.glob("*.eml")]
    assert len(mails) == 1 and "not switched off" in mails[0]
    row.refresh_from_db()
    assert row.failing_since_s == began and row.paused_s is None and row.removed_s is None
    assert Event.objects.filter(what="endpoint.failing").count() == 1
    receiver.answers, receiver.heard = [], []
    assert endpoints.replay(deliveries(state="dead")) == 1
    assert send() == 1
    assert receiver.verified(secret)
    row.refresh_from_db()
    assert row.failing_since_s is None
    assert Event.objects.filter(what="endpoint.works").count() == 1


def test_one_message_that_nobody_takes_holds_up_no_other(
    near: PortalConfig, release: Path, receiver: Receiver, hands: Any
) -> None:
    from licet.portal.outgoing import endpoints

    row, _ = make(receiver.url)
    receiver.answers = [400]
    endpoints.test(row)
    send()
    endpoints.test(row)
    endpoints.test(row)
    hands.forward(6)
    receiver.answers = [204, 204, 400]
    send()
    assert [d.state for d in deliveries()] == ["waits", "taken", "taken"]


def test_a_dead_server_is_not_asked_once_a_message(
    near: PortalConfig, release: Path, receiver: Receiver, hands: Any
) -> None:
    from licet.portal.outgoing import endpoints

    row, _ = make(receiver.url)
    receiver.answers = [500] * 1_000
    for _ in range(30):
        endpoints.test(row)
    for _ in range(3_600 // 10):  # an hour of the chore
        hands.forward(10)
        send()
    assert len(receiver.heard) < 8


def test_of_two_processes_only_one_sends(near: PortalConfig, release: Path, receiver: Receiver, hands: Any) -> None:
    from licet.portal.outgoing import endpoints, sending

    row, _ = make(receiver.url)
    endpoints.test(row)
    claimed = sending._claimed(row.pk)  # the other process is at it, and dies
    assert claimed is not None
    assert send() == 0
    hands.forward(sending.CLAIM_S)
    assert send() == 1


def test_a_paused_endpoint_is_sent_later_what_happened_meanwhile(
    near: PortalConfig, release: Path, receiver: Receiver
) -> None:
    from licet.portal import events
    from licet.portal.outgoing import endpoints

    row, _ = make(receiver.url)
    endpoints.change(row, events.COMMAND, paused=True)
    endpoints.test(row)
    assert send() == 0
    endpoints.change(row, events.COMMAND, paused=False)
    assert send() == 1


def test_the_chore_sends_by_itself(near: PortalConfig, release: Path, receiver: Receiver) -> None:
    from licet.portal.outgoing import endpoints, sending

    row, secret = make(receiver.url)
    endpoints.test(row)
    assert sending.send_due() == 1
    for thread in threading.enumerate():
        if thread.name.startswith("webhooks-"):
            thread.join(10)
    assert [t["type"] for t in receiver.verified(secret)] == ["endpoint.test"]
    assert not sending._busy


# --- secrets


def test_a_rotation_overlaps_and_then_ends(near: PortalConfig, release: Path, receiver: Receiver, hands: Any) -> None:
    from licet.portal import events
    from licet.portal.outgoing import endpoints

    row, old = make(receiver.url)
    new = endpoints.rotate(row, events.COMMAND).reveal()
    assert new != old
    endpoints.test(row)
    send()
    assert receiver.verified(old) and receiver.verified(new)
    hands.forward(endpoints.OVERLAP_S)
    receiver.heard.clear()
    endpoints.test(row)
    send()
    assert receiver.verified(new)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(old)


def test_no_secret_is_stored_or_told_twice(near: PortalConfig, release: Path, receiver: Receiver) -> None:
    from django.db import connection

    row, secret = make(receiver.url)
    _, other_secret = make(receiver.url + "?another")
    assert secret != other_secret
    kept = "\n".join(connection.connection.iterdump()) if connection.connection else ""
    assert row.pk in kept
    assert secret.removeprefix("whsec_") not in kept


# --- where to


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook", "https://127.0.0.1/hook", "https://localhost/", "https://[::1]/", "https://10.0.0.1/",
        "https://169.254.169.254/latest/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/",
        "https://a:b@example.org/", "https://example.org/#x", "ftp://example.org/", "https://", "nonsense",
        "https://exa mple.org/", "https://2130706433/", "https://0x7f.1/",
    ],
)  # fmt: skip
def test_nobody_makes_us_ask_this_machine_or_the_network_behind_it(portal: PortalConfig, url: str) -> None:
    from licet.portal.outgoing import post

    answer = post.post(url, {}, b"{}")
    assert (answer.status, answer.taken) == (0, False)
    assert answer.error


def test_a_name_is_connected_to_at_the_address_that_was_checked(
    near: PortalConfig, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal import outward
    from licet.portal.outgoing import post

    asked: list[str] = []

    def found(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host[0].isdigit():
            return [(2, 1, 6, "", (host, port))]
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.1", port))]

    monkeypatch.setattr(outward.socket, "getaddrinfo", found)
    port = receiver.url.split(":")[2].split("/")[0]
    monkeypatch.setattr(outward, "_by_number", lambda host, plain: True)
    assert post.post(f"http://hooks.example.org:{port}/hook", {}, b"{}").status == 204
    assert asked == ["hooks.example.org"]
    monkeypatch.setattr(
        outward.socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", (ip, 1)) for ip in ("127.0.0.1", "10.0.0.1")]
    )
    assert post.post(f"http://hooks.example.org:{port}/hook", {}, b"{}").status == 0


def test_who_answers_a_byte_a_second_is_cut_off(near: PortalConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from licet.portal.outgoing import post

    monkeypatch.setattr(post, "WHOLE_S", 0.5)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            peer, _ = server.accept()
            with peer:
                while not stop.wait(0.05):
                    try:
                        peer.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        answer = post.post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"{}")
        stop.set()
        thread.join()
    assert answer.status == 0


# --- owners


def test_an_account_that_is_deleted_takes_its_webhooks_along(
    near: PortalConfig, release: Path, receiver: Receiver
) -> None:
    from licet.portal import accounts, events

    ada = somebody()
    row, _ = make(receiver.url, ada, name="mine")
    accounts.delete(ada, events.COMMAND)
    row.refresh_from_db()
    assert row.removed_s is not None and (row.url, row.name) == ("", "")
    assert send() == 0


def test_the_pages_set_up_rotate_replay_and_remove(near: PortalConfig, release: Path, receiver: Receiver) -> None:
    from django.test import Client

    from licet.portal.outgoing.models import Endpoint

    ada, eve = somebody(), somebody("eve@example.org")
    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(ada.account, backend="licet.portal.adapter.ByEmail")
    assert client.post("/my/webhooks", {"url": "ftp://x", "types": []}).status_code == 422
    shown = client.post("/my/webhooks", {"url": receiver.url, "name": "ops", "types": ["quota.100"]})
    assert "whsec_" in shown.content.decode() and "no-store" in shown["Cache-Control"]
    row = Endpoint.objects.get()
    at = f"/my/webhooks/{row.pk}"
    assert "whsec_" not in client.get(at).content.decode()
    assert client.post(f"{at}/do", {"do": "test"}).status_code == 302
    receiver.answers = [500]
    send()
    assert "answered with 500" in client.get(at).content.decode()
    client.post(f"{at}/do", {"do": "replay", "delivery": str(deliveries()[0].pk)})
    assert send() == 1
    assert "whsec_" in client.post(f"{at}/do", {"do": "rotate"}).content.decode()
    other = Client(HTTP_HOST="localhost:8000")
    other.force_login(eve.account, backend="licet.portal.adapter.ByEmail")
    assert other.get(at).status_code == 404
    assert other.post(f"{at}/do", {"do": "remove"}).status_code == 404
    client.post(f"{at}/do", {"do": "remove"})
    assert client.get(at).status_code == 404
    assert client.get("/my/webhooks").status_code == 200


def test_the_types_are_listed_without_a_server_and_without_a_data_folder(tmp_path: Path) -> None:
    import subprocess
    import sys

    words = [sys.executable, "-m", "licet", "webhooks", "types"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "payment.failed" in done.stdout


def test_the_command_lists_and_sends_again(
    near: PortalConfig,
    release: Path,
    receiver: Receiver,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import argparse

    from licet.cli import webhooks as command
    from licet.portal.outgoing import endpoints

    monkeypatch.setattr(command, "open_portal", lambda args: portal_config.current())

    def licet(*words: str) -> str:
        parser = argparse.ArgumentParser()
        command.add(parser.add_subparsers())
        args = parser.parse_args(["webhooks", *words])
        assert args.run(args) == 0
        return capsys.readouterr().out

    row, _ = make(receiver.url, name="ops")
    endpoints.test(row)
    send()
    assert row.pk in licet("list")
    message = deliveries()[0].message_id
    assert message in licet("deliveries", "--json")
    assert "1 will be sent again" in licet("replay", message)
    assert send() == 1
    assert "whsec_" in licet("rotate", row.pk)
    with pytest.raises(LicetError, match="there is no message"):
        licet("replay", "msg_nothing")
    assert "removed" in licet("remove", row.pk)
