"""An organization names an address and we go there: never to this machine, to the network behind it, or too long."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.portal.sso.idp import Idp

from licet.portal.config import PortalConfig


@pytest.mark.parametrize(
    "url",
    ["http://idp.example.org", "ftp://idp.example.org", "file:///etc/passwd", "https://", "idp.example.org",
     "https://name:word@idp.example.org", "https://idp.example.org#x", "https://idp.example.org\\@evil.example",
     "https://idp.example.org/\r\nX: y", "https://[::1", "https://idp.example.org:99999", "gopher://127.0.0.1",
     "https://\u0456dp.example.org", "https://idp.example.org/ x"],
)  # fmt: skip
def test_what_is_not_the_address_of_a_server_on_the_internet_is_not_asked(portal: PortalConfig, url: str) -> None:
    from licet.portal.sso import fetch

    with pytest.raises(fetch.Unreachable):
        fetch.get(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
     "2130706433", "0x7f000001", "127.1", "224.0.0.1", "255.255.255.255", "[ff02::1]", "192.0.2.1", "[2001:db8::1]"],
)  # fmt: skip
def test_this_machine_and_the_network_behind_it_are_not_asked(portal: PortalConfig, host: str) -> None:
    from licet.portal.sso import fetch

    with pytest.raises(fetch.Unreachable):
        fetch.get(f"https://{host}/.well-known/openid-configuration")
    with pytest.raises(fetch.Unreachable):
        fetch.post(f"https://{host}/token", {})


def _named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Each resolution of a name gives the next of these addresses."""
    asked: list[str] = []
    left = list(addresses)

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        told = (left.pop(0) if len(left) > 1 else left[0]).split(",")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in told]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize("addresses", ["127.0.0.1", "10.1.2.3", "93.184.215.14,127.0.0.1"])
def test_a_name_that_stands_for_an_inner_address_is_not_asked(
    portal: PortalConfig, monkeypatch: pytest.MonkeyPatch, addresses: str
) -> None:
    from licet.portal.sso import fetch

    _named(monkeypatch, addresses)
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("connected"))
    with pytest.raises(fetch.Unreachable, match="not on the public internet"):
        fetch.get("https://idp.example.org/")


def test_the_address_that_was_checked_is_the_one_connected_to(
    portal: PortalConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that stands for another address a moment later (DNS rebinding) leads nowhere else."""
    from licet.portal.sso import fetch

    asked = _named(monkeypatch, "93.184.215.14", "127.0.0.1")
    met: list[Any] = []

    def connected(address: Any, *_: Any) -> None:
        met.append(address)
        raise OSError("not here")

    monkeypatch.setattr(socket, "create_connection", connected)
    with pytest.raises(fetch.Unreachable):
        fetch.get("https://idp.example.org/")
    assert asked == ["idp.example.org"] and met == [("93.184.215.14", 443)]


def test_the_certificate_is_held_to_the_name_not_to_the_address(near: None) -> None:
    """A real TLS server with a certificate that nobody vouches for: refused before anything is sent."""
    from licet.portal.sso import fetch

    with answering(lambda _: b"") as port, pytest.raises(fetch.Unreachable, match="did not answer"):
        fetch.get(f"https://127.0.0.1:{port}/")


@contextmanager
def answering(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """A server that sends these bytes to whoever asks."""
    listening = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                met, _ = listening.accept()
            except OSError:
                return
            with met:
                try:
                    met.sendall(answer(met.recv(65_536)))
                except OSError:
                    pass

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _http(status: str, body: bytes = b"{}", *more: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *more, "", ""])
    return head.encode() + body


ODD = {
    "a redirect": _http("302 Found", b"", "Location: http://169.254.169.254/"),
    "a redirect to itself": _http("307 Temporary Redirect", b"", "Location: /"),
    "too much": _http("200 OK", b'{"a":"' + b"x" * 300_000 + b'"}'),
    "no JSON": _http("200 OK", b"<html>"),
    "a list": _http("200 OK", b"[]"),
    "a deep nest": _http("200 OK", b"[" * 100_000),
    "no HTTP": b"SSH-2.0-x\r\n",
    "nothing": b"",
    "a refusal": _http("500 Oh", b'{"secret": "inner words"}'),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_answer_is_refused_and_not_repeated_to_anybody(near: None, odd: str) -> None:
    from licet.portal.sso import fetch

    with answering(lambda _: ODD[odd]) as port, pytest.raises(fetch.Unreachable) as wrong:
        fetch.get(f"http://127.0.0.1:{port}/")
    assert "inner words" not in str(wrong.value) and "xxx" not in str(wrong.value)


@pytest.mark.parametrize("head", [b"", _http("200 OK", b"")], ids=["its head", "its body"])
def test_a_server_that_drips_is_left(near: None, monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    """A byte now and then is no silence, and would hold whoever signs in, and us, for as long as it likes."""
    from licet.portal.sso import fetch

    monkeypatch.setattr(fetch, "WHOLE_S", 0.3)
    left = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            met, _ = listening.accept()
            with met:
                try:
                    met.sendall(head)
                    while not left.wait(0.02):
                        met.sendall(b" ")
                except OSError:
                    left.set()

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(fetch.Unreachable):
            fetch.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        assert left.wait(5), "it was not left"
        thread.join(5)


def test_a_token_that_no_header_can_hold_is_not_sent(near: None) -> None:
    from licet.portal.sso import fetch

    with answering(lambda _: _http("200 OK")) as port, pytest.raises(fetch.Unreachable):
        fetch.get(f"http://127.0.0.1:{port}/", bearer="x\r\nHost: inner")


LYING = {
    "another issuer": lambda told: {**told, "issuer": "https://evil.example"},
    "no keys": lambda told: {k: v for k, v in told.items() if k != "jwks_uri"},
    "keys that are no text": lambda told: {**told, "jwks_uri": ["x"]},
    "a file as keys": lambda told: {**told, "jwks_uri": "file:///etc/passwd"},
    "a script as the page": lambda told: {**told, "authorization_endpoint": "javascript:alert(1)"},
    "an exchange without TLS": lambda told: {**told, "token_endpoint": "http://idp.example.org/token"},
}


@pytest.mark.parametrize("lie", LYING)
def test_a_server_that_says_odd_things_of_itself_is_not_connected(lab: Any, idp: Idp, lie: str) -> None:
    from licet.portal.sso import connecting, fetch
    from licet.portal.sso.models import Connection

    idp.discovery = LYING[lie]
    with pytest.raises(fetch.Unreachable):
        connecting.connect(lab.actor(), idp.issuer, idp.client_id, idp.secret)
    assert not Connection.objects.exists()


def test_a_server_on_this_machine_is_connected_only_where_the_operator_says_so(
    lab: Any, idp: Idp, portal: PortalConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from licet.portal.sso import connecting, fetch

    monkeypatch.setattr(settings, "LICET", portal)
    with pytest.raises(fetch.Unreachable):
        connecting.connect(lab.actor(), idp.issuer, idp.client_id, idp.secret)
    assert idp.asked == []
