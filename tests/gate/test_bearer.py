"""A bearer is known by its digest, a stranger by day and network."""

from __future__ import annotations

import secrets
from ipaddress import ip_network

import pytest

from licet.access.key import digest, make
from licet.gate.bearer import DAY_S, Strangers, Unfit, digest_of, mistyped

NOON = 20_000 * DAY_S + DAY_S // 2
PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def test_a_bearer_becomes_its_sha256_whatever_the_case_of_the_scheme() -> None:
    for header in (b"Bearer abc", b"bearer abc", b"BEARER  abc "):
        assert digest_of(header) == digest("abc")


@pytest.mark.parametrize("header", [b"", b"Bearer", b"Basic abc", b"Bearer hf_abc", b"abc"])
def test_what_is_no_bearer_of_ours_has_no_digest(header: bytes) -> None:
    assert isinstance(digest_of(header), Unfit)


def test_a_mistyped_key_is_told_from_a_wrong_one() -> None:
    text = make("live", secrets.token_bytes, NOON * 1000)[1].reveal()
    assert not mistyped(b"Bearer " + text.encode())
    assert mistyped(b"Bearer " + text[:-1].encode())
    assert not mistyped(b"Bearer something-else")


def strangers(*proxies: str) -> Strangers:
    return Strangers(b"secret" * 6, [ip_network(p) for p in proxies] or PROXIES)


def test_a_stranger_is_the_same_all_day_and_another_tomorrow() -> None:
    who = strangers()
    today = who.holder_id("192.0.2.7", {}, NOON)
    assert who.holder_id("192.0.2.7", {}, NOON + DAY_S // 2 - 1) == today
    assert who.holder_id("192.0.2.7", {}, NOON + DAY_S // 2) != today
    assert who.holder_id("192.0.2.8", {}, NOON) != today
    assert today.startswith("anon_")
    assert "192" not in today


def test_another_server_gives_the_same_address_another_name() -> None:
    assert Strangers(b"a").holder_id("192.0.2.7", {}, NOON) != Strangers(b"b").holder_id("192.0.2.7", {}, NOON)


def test_an_ipv6_caller_is_a_network_of_64_bits() -> None:
    who = strangers()
    first, same, other = (
        who.holder_id(a, {}, NOON) for a in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    )
    assert first == same != other
    assert who.holder_id("::ffff:192.0.2.7", {}, NOON) == who.holder_id("192.0.2.7", {}, NOON)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.1", "198.51.100.1", "203.0.113.1"),  # not a proxy of ours: its word counts nothing
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # what the caller wrote itself stands further left
        ("10.0.0.1", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "10.1.1.1, 10.9.9.9", "10.1.1.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::1", "[2001:db8::1]", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_only_a_trusted_proxy_says_where_a_call_comes_from(peer: str, forwarded: str, address: str) -> None:
    assert strangers().address(peer, forwarded.encode()) == address
