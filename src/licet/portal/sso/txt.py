"""Which TXT records has a name? Asked of the machine's own resolver, by a question of one packet (RFC 1035).

Python has no such question and one record is no reason for a dependency. The answer is believed as the resolver is: its
packet must carry our number, come from where we asked, and repeat our question; what does not is thrown away.
"""

from __future__ import annotations

import socket
import struct
import time
from pathlib import Path
from struct import pack, unpack_from

from licet.errors import LicetError
from licet.portal import clock

TIMEOUT_S, PORT, TXT, RESOLV = 3, 53, 16, Path("/etc/resolv.conf")
_IN, _POINTS = 1, 0xC0


class Unanswered(LicetError):
    """Nobody could be asked, or nobody answered: that says nothing of the name."""


def texts(name: str) -> frozenset[str]:
    """What the TXT records of a name say, each one's parts joined; none for a name that is not there. Or Unanswered."""
    for server in _servers():
        number = int.from_bytes(clock.dice(2))
        question = _question(name)
        sent = pack(">6H", number, 0x0100, 1, 0, 0, 0) + question
        try:
            raw = _asked(server, sent, stream=False)
            if raw[2] & 0x02:  # it did not fit into one packet
                raw = _asked(server, sent, stream=True)
            if raw[:2] == sent[:2]:
                return read(raw, question)
        except (OSError, ValueError, IndexError, struct.error):
            continue
    raise Unanswered("no name server answered", mend="try again later, or confirm the domain by mail")


def read(raw: bytes, question: bytes) -> frozenset[str]:
    """The texts of an answer. ValueError, IndexError or struct.error for what is none."""
    _, flags, asked, answers, _, _ = unpack_from(">6H", raw)
    if not flags & 0x8000 or asked != 1 or raw[12 : 12 + len(question)].lower() != question.lower():
        raise ValueError("another question's answer")
    if flags & 0x000F not in (0, 3):  # 3: there is no such name
        raise ValueError("the server could not say")
    found, at = set(), 12 + len(question)
    for _each in range(answers):
        at = _past_name(raw, at)
        kind, group, _, length = unpack_from(">2HIH", raw, at)
        at += 10
        if kind == TXT and group == _IN:
            found.add(_joined(raw[at : at + length]))
        at += length
    return frozenset(found)


def _question(name: str) -> bytes:
    parts = b"".join(bytes([len(part)]) + part for part in name.encode("ascii").split(b"."))
    return parts + b"\0" + pack(">2H", TXT, _IN)


def _past_name(raw: bytes, at: int) -> int:
    while (length := raw[at]) != 0:
        if length & _POINTS == _POINTS:
            return at + 2
        at += 1 + length
    return at + 1


def _joined(data: bytes) -> str:
    """A record is made of parts of 255 bytes at most."""
    said, at = b"", 0
    while at < len(data):
        said += data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
    return said.decode("ascii", "replace")


def _asked(server: str, sent: bytes, *, stream: bool) -> bytes:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    until = time.monotonic() + TIMEOUT_S
    with socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM) as line:
        line.settimeout(TIMEOUT_S)
        line.connect((server, PORT))  # of a packet, too: then only that server's are heard
        if stream:
            line.sendall(pack(">H", len(sent)) + sent)
            with line.makefile("rb") as back:
                return back.read(unpack_from(">H", back.read(2))[0])
        line.send(sent)
        while (left := until - time.monotonic()) > 0:
            line.settimeout(left)
            if (raw := line.recv(4_096))[:2] == sent[:2]:
                return raw
    raise TimeoutError


def _servers() -> list[str]:
    """Those that this machine asks itself, two at most."""
    try:
        lines = RESOLV.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    found = [
        words[1].partition("%")[0] for line in lines if (words := line.split())[:1] == ["nameserver"] and words[1:]
    ]
    return found[:2] or ["127.0.0.1"]
