"""A TXT record confirms a domain: the right one, of this organization, as the resolver says it; nothing else does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from struct import pack
from typing import Any

import pytest
from tests.portal.sso.conftest import SsoLab
from tests.portal.test_doors import mails, reauthenticated
from tests.portal.test_pages_of_mine import client

from licet.errors import LicetError


def named(lab: SsoLab, name: str = "whales.example") -> Any:
    from licet.portal.sso import domains

    return domains.ask(lab.actor(), name, domains.BY_RECORD)


def test_the_record_confirms_it_and_no_mail_is_sent(lab: SsoLab, portal: Any) -> None:
    from licet.portal.models import Event
    from licet.portal.sso import domains

    row = named(lab)
    name, says = domains.record(row)
    assert name == "_licet.whales.example" and says.startswith("licet-domain=") and mails(portal) == ()
    assert domains.record(named(lab)) == (name, says)  # asked once more, it is the same
    found = domains.look(lab.actor(), row, {name: frozenset({"v=spf1 -all", says})}.__getitem__)
    assert found.verified_how == "dns" and domains.connection_for("ann@whales.example") is None
    assert Event.objects.get(what="domain.verified").detail["how"] == "dns"
    with pytest.raises(LicetError, match="confirmed already"):
        domains.look(lab.actor(), found, lambda _: frozenset({says}))


def test_no_other_record_confirms_it(lab: SsoLab) -> None:
    from licet.portal.organizations import founding
    from licet.portal.organizations.acting import member
    from licet.portal.sso import domains

    row, eve = named(lab), lab.person("eve")
    hers = founding.found(eve, "Eve's Lab", lab.by(eve))
    actor = member(hers.memberships.get(person=eve), lab.by(eve))
    eves = domains.record(domains.ask(actor, "whales.example", domains.BY_RECORD))[1]
    others = domains.record(named(lab, "dolphins.example"))[1]
    right = domains.record(row)[1]
    for said in (set(), {eves}, {others}, {right[:-1]}, {right + "x"}, {"licet-domain="}):
        with pytest.raises(LicetError, match=r"no such TXT record at _licet\.whales\.example"):
            domains.look(lab.actor(), row, lambda _, said=said: frozenset(said))  # type: ignore[misc]
    with pytest.raises(LicetError, match="not a domain of the organization"):
        domains.look(actor, row, lambda _: frozenset({right}))
    row.refresh_from_db()
    assert row.verified_s is None


def test_it_is_looked_for_thirty_times_an_hour_at_most(lab: SsoLab, hands: Any) -> None:
    from licet.portal.sso import domains

    row, asked = named(lab), []
    for n in range(31):
        with pytest.raises(LicetError, match="go on later" if n == 30 else "no such TXT record"):
            domains.look(lab.actor(), row, lambda name: asked.append(name) or frozenset())  # type: ignore[func-returns-value]
    assert len(asked) == 30
    hands.forward(3600)
    with pytest.raises(LicetError, match="no such TXT record"):
        domains.look(lab.actor(), row, lambda _: frozenset())


def test_the_page_shows_the_record_and_says_what_it_found(lab: SsoLab, monkeypatch: pytest.MonkeyPatch) -> None:
    from licet.portal.sso import domains

    ada = client("ada@example.org")
    home = f"/my/organizations/{lab.made.pk}/sign-in"
    reauthenticated(ada, home)
    ada.post(f"{home}/domains", {"name": "whales.example", "mailbox": "dns"})
    row = lab.made.domains.get()
    name, says = domains.record(row)
    page = ada.get(home).content.decode()
    assert name in page and says in page
    monkeypatch.setattr(domains.look, "__defaults__", (lambda _: frozenset(),))
    assert b"there is no such TXT record" in ada.post(f"{home}/domains/{row.pk}/look", follow=True).content
    monkeypatch.setattr(domains.look, "__defaults__", (lambda _: frozenset({says}),))
    assert (
        b"The record is there: whales.example is confirmed."
        in ada.post(f"{home}/domains/{row.pk}/look", follow=True).content
    )
    page = ada.get(home).content.decode()
    assert "by a TXT record" in page and says not in page


# What a resolver says


class Resolver:
    """A name server on this machine, by packet and by stream. `texts` are the records; the rest is how it lies."""

    def __init__(self) -> None:
        self.texts: tuple[tuple[bytes, ...], ...] = ()
        self.flags, self.number, self.cut, self.asked = 0x8180, 0, False, b""
        self.stream = socket.create_server(("127.0.0.1", 0))
        self.port = self.stream.getsockname()[1]
        self.packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.packets.bind(("127.0.0.1", self.port))
        for serve in (self._packets, self._stream):
            threading.Thread(target=serve, daemon=True).start()

    def _answer(self, raw: bytes, cut: bool = False) -> bytes:
        self.asked = raw[12:]
        number = (int.from_bytes(raw[:2]) + self.number) & 0xFFFF
        records = b""
        for parts in () if cut else self.texts:
            said = b"".join(bytes([len(part)]) + part for part in parts)
            records += b"\xc0\x0c" + pack(">2HIH", 16, 1, 60, len(said)) + said
        alias = b"\xc0\x0c" + pack(">2HIH", 5, 1, 60, 3) + b"\x01x\0"
        count = 0 if cut else len(self.texts) + 1
        flags = self.flags | (0x0200 if cut else 0)
        return pack(">6H", number, flags, 1, count, 0, 0) + raw[12:] + (b"" if cut else alias + records)

    def _packets(self) -> None:
        while True:
            try:
                raw, who = self.packets.recvfrom(4_096)
                self.packets.sendto(self._answer(raw, self.cut), who)
            except OSError:
                return

    def _stream(self) -> None:
        while True:
            try:
                line, _ = self.stream.accept()
            except OSError:
                return
            with line:
                raw = line.recv(4_096)
                said = self._answer(raw[2:])
                line.sendall(pack(">H", len(said)) + said)

    def close(self) -> None:
        self.packets.close()
        self.stream.close()


@pytest.fixture
def resolver(portal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    from licet.portal.sso import txt

    server = Resolver()
    (tmp_path / "resolv.conf").write_text("# ours\nsearch example\nnameserver 127.0.0.1\n", "utf-8")
    monkeypatch.setattr(txt, "RESOLV", tmp_path / "resolv.conf")
    monkeypatch.setattr(txt, "PORT", server.port)
    monkeypatch.setattr(txt, "TIMEOUT_S", 0.3)
    yield server
    server.close()


def test_the_parts_of_a_record_are_one_text_and_other_kinds_are_passed_over(resolver: Resolver) -> None:
    from licet.portal.sso import txt

    resolver.texts = ((b"licet-domain=", b"abc"), (b"v=spf1 -all",), (b"\xff",))
    assert txt.texts("_licet.whales.example") == {"licet-domain=abc", "v=spf1 -all", "\ufffd"}
    assert resolver.asked == b"\x06_licet\x06whales\x07example\x00\x00\x10\x00\x01"


def test_what_does_not_fit_into_a_packet_is_asked_for_by_stream(resolver: Resolver) -> None:
    from licet.portal.sso import txt

    resolver.cut, resolver.texts = True, tuple((b"%d" % n * 100,) for n in range(20))
    assert len(txt.texts("whales.example")) == 20


def test_a_name_that_is_not_there_has_no_texts(resolver: Resolver) -> None:
    from licet.portal.sso import txt

    resolver.flags = 0x8183
    assert txt.texts("whales.example") == frozenset()


@pytest.mark.parametrize(("flags", "number"), [(0x8182, 0), (0x0100, 0), (0x8180, 1)])
def test_a_failure_a_question_and_anothers_answer_are_no_answer(resolver: Resolver, flags: int, number: int) -> None:
    from licet.portal.sso import txt

    resolver.flags, resolver.number, resolver.texts = flags, number, ((b"licet-domain=abc",),)
    with pytest.raises(LicetError, match="no name server answered"):
        txt.texts("whales.example")


def test_no_packet_whatever_breaks_the_reading_of_it() -> None:
    from struct import error

    from hypothesis import given
    from hypothesis import strategies as st

    from licet.portal.sso import txt

    question = b"\x01x\0\0\x10\0\x01"
    head = pack(">6H", 1, 0x8180, 1, 2, 0, 0) + question

    @given(st.binary(max_size=60))
    def holds(rest: bytes) -> None:
        try:
            assert all(isinstance(one, str) for one in txt.read(head + rest, question))
        except (ValueError, IndexError, error):
            pass

    holds()
