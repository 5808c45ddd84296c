"""Is a certificate what was signed, and what does it open? Everything an attacker or an accident does to a file."""

from __future__ import annotations

import hmac
import json
import pickle
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.certificates.certified import FROM_S, KEY, KEYS, OTHER, SAMPLE, UNTIL_S, USE, file
from tests.laws.made import TOLD, trees

from licet.certificate import Broken, Certificate, Keys, Revocations, check, policy, read_keys, read_revocations, sealed
from licet.certificate.canonical import b64u, canonical, strict, unb64u
from licet.certificate.keys import jwk
from licet.certificate.seal import signature
from licet.certificate.written import policy_of, written
from licet.errors import LicetError
from licet.terms import AllOf, Answer, AnyOf, Ask, Clause, Fact, Policy, Says, Terms, may

NOW_S = FROM_S + 10
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcZ_", max_size=3), inner, max_size=3),
    max_leaves=8,
)


def tell(**changed: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(file(**changed))
    return told


def resigned(header: dict[str, Any], statement: dict[str, Any], sign: Any = KEY.sign) -> bytes:
    text = b64u(json.dumps(header).encode() if "pad" in header else canonical(header))
    made = sign(f"{text}.{b64u(canonical(statement))}".encode())
    return json.dumps({"certificate": statement, "signature": f"{text}..{b64u(made)}"}).encode()


def test_a_certificate_that_was_not_touched_holds_and_says_for_whom() -> None:
    checked = check(file(), KEYS, now_s=NOW_S, release="sana", version="1.2.0", component="weights")
    assert checked.holds
    assert checked.certificate == SAMPLE
    assert "Whale Watch has `weights` of sana 1.2.0" in checked.detail


def test_every_changed_byte_fails_or_says_the_very_same() -> None:
    """What may change without harm is the space between two members, and nothing else."""
    whole = file()
    survived = 0
    for at in range(len(whole)):
        for byte in {whole[at] ^ 1, whole[at] ^ 0x20, ord("A"), ord(" ")} - {whole[at]}:
            changed = whole[:at] + bytes([byte]) + whole[at + 1 :]
            checked = check(changed, KEYS, now_s=NOW_S)
            if checked.holds:
                survived += 1
                assert strict(changed) == strict(whole)
                assert chr(whole[at]).isspace()
    assert survived < whole.count(b" ") + whole.count(b"\n") + 1


def test_not_one_byte_of_the_canonical_form_may_change() -> None:
    told = tell()
    whole = canonical(told)
    assert check(whole, KEYS, now_s=NOW_S).holds
    for at in range(len(whole)):
        assert not check(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], KEYS, now_s=NOW_S).holds
        assert not check(whole[:at] + whole[at + 1 :], KEYS, now_s=NOW_S).holds


@pytest.mark.parametrize("name", sorted(SAMPLE.statement()))
def test_no_member_can_be_taken_out_or_put_in(name: str) -> None:
    told = tell()
    del told["certificate"][name]
    assert check(canonical(told), KEYS, now_s=NOW_S).code == "bad_signature"
    told["certificate"][f"{name}_too"] = True
    assert check(canonical(told), KEYS, now_s=NOW_S).code == "bad_signature"


def test_a_statement_of_a_later_format_is_refused_even_if_it_is_signed() -> None:
    for change in ({"format": "licet-certificate/2"}, {"only_on_sundays": True}, {"until": "2026-13-01T00:00:00Z"},
                   {"until": "2026-1-01T00:00:00Z"}, {"from": None}, {"until": SAMPLE.statement()["from"]},
                   {"holder": {"id": "x"}}, {"license": {"id": "x", "sha256": "zz"}}, {"by": 7},
                   {"issued": None}, {"holder": {"id": "x", "kind": "account", "name": 7}}, {"version": 1},
                   {"terms": {"name": 7, "clauses": []}}, {"terms": {"name": "x", "clauses": {}}},
                   {"terms": {"any": []}}, {"terms": {"name": "x", "clauses": [{"says": "can"}]}}):  # fmt: skip
        told = {**SAMPLE.statement(), **change}
        checked = check(sealed("certificate", told, signature("certificate", told, KEY)), KEYS, now_s=NOW_S)
        assert (checked.code, checked.certificate) == ("unreadable", None), change


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "none", "kid": KEY.kid, "typ": "licet-certificate+jws"}, "wrong_algorithm"),
        ({"alg": "None", "kid": KEY.kid, "typ": "licet-certificate+jws"}, "wrong_algorithm"),
        ({"alg": "HS256", "kid": KEY.kid, "typ": "licet-certificate+jws"}, "wrong_algorithm"),
        ({"alg": "ES256", "kid": KEY.kid, "typ": "licet-certificate+jws"}, "wrong_algorithm"),
        ({"alg": "EdDSA", "kid": KEY.kid, "typ": "licet-receipt+jws"}, "wrong_kind"),
        ({"alg": "EdDSA", "kid": KEY.kid, "typ": "JWT"}, "wrong_kind"),
        ({"alg": "EdDSA", "kid": OTHER.kid, "typ": "licet-certificate+jws"}, "unknown_key"),
        ({"alg": "EdDSA", "kid": None, "typ": "licet-certificate+jws"}, "unknown_key"),
        ({"alg": "EdDSA", "kid": [], "typ": "licet-certificate+jws"}, "unknown_key"),
        ({"alg": "EdDSA", "kid": KEY.kid}, "unreadable"),
        ({"alg": "EdDSA", "kid": KEY.kid, "typ": "licet-certificate+jws", "jwk": jwk(OTHER.public)}, "unreadable"),
        ({"alg": "EdDSA", "kid": KEY.kid, "typ": "licet-certificate+jws", "crit": ["b64"]}, "unreadable"),
    ],
)
def test_the_header_chooses_nothing(header: dict[str, Any], code: str) -> None:
    assert check(resigned(header, SAMPLE.statement()), KEYS, now_s=NOW_S).code == code


def test_a_public_key_is_no_shared_secret() -> None:
    header = {"alg": "HS256", "kid": KEY.kid, "typ": "licet-certificate+jws"}
    made = resigned(header, SAMPLE.statement(), lambda m: hmac.new(KEY.public, m, sha256).digest())
    assert check(made, KEYS, now_s=NOW_S).code == "wrong_algorithm"
    honest = {**header, "alg": "EdDSA"}
    made = resigned(honest, SAMPLE.statement(), lambda m: hmac.new(KEY.public, m, sha256).digest())
    assert check(made, KEYS, now_s=NOW_S).code == "bad_signature"
    assert check(resigned(honest, SAMPLE.statement(), lambda _: b""), KEYS, now_s=NOW_S).code == "bad_signature"


def test_another_key_with_the_id_of_ours_signs_nothing() -> None:
    header = {"alg": "EdDSA", "kid": KEY.kid, "typ": "licet-certificate+jws"}
    assert check(resigned(header, SAMPLE.statement(), OTHER.sign), KEYS, now_s=NOW_S).code == "bad_signature"
    told = tell()
    body = json.dumps({"keys": [{**jwk(OTHER.public), "kid": KEY.kid}]}).encode()
    with pytest.raises(LicetError):
        read_keys(body)  # a set of keys in which an id is not that of its key
    assert check(json.dumps(told).encode(), Keys.of(OTHER.public), now_s=NOW_S).code == "unknown_key"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s.replace("..", "."),
        lambda s: s.replace("..", f".{b64u(canonical(SAMPLE.statement()))}."),
        lambda s: s + "=",
        lambda s: s + ".x",
        lambda s: "",
        lambda s: s[:-1] + chr(ord(s[-1]) ^ 1),  # stray bits behind the last whole byte
        lambda s: "é" + s,
        lambda s: s.replace("..", "..\n"),
    ],
)
def test_a_signature_has_one_spelling(spoil: Any) -> None:
    told = tell()
    told["signature"] = spoil(told["signature"])
    checked = check(json.dumps(told).encode(), KEYS, now_s=NOW_S)
    assert checked.code in ("unreadable", "bad_signature")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff", b"7", b'"x"', b"[" * 5000, b'{"certificate": {}, "certificate": {}}',
     b'{"certificate": ' + b'{"a":' * 70 + b"1" + b"}" * 70 + b', "signature": "a..b"}',
     b'{"certificate": ' + b'{"a":' * 950 + b"1" + b"}" * 950 + b', "signature": "a..b"}',
     b'{"certificate": {}, "signature": ""}', b'{"certificate": [], "signature": "x"}', b'{"certificate": {"a": 1.5}}',
     b'{"certificate": {"a": NaN}}', b'{"certificate": {"a": 9007199254740993}, "signature": ".."}',
     b'{"certificate": {"a": "\\ud800"}, "signature": ".."}', b" " * (2 << 20)],
)  # fmt: skip
def test_what_is_no_certificate_is_refused_with_a_reason(body: bytes) -> None:
    checked = check(body, KEYS, now_s=NOW_S)
    assert checked.code in ("unreadable", "wrong_kind")
    assert checked.detail.endswith(".")


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ({"now_s": FROM_S - 1}, "not_yet"),
        ({"now_s": FROM_S}, ""),
        ({"now_s": UNTIL_S - 1}, ""),
        ({"now_s": UNTIL_S}, "expired"),
        ({"release": "other"}, "other_release"),
        ({"version": "1.2.1"}, "other_version"),
        ({"component": "code"}, "other_component"),
    ],
)
def test_it_holds_in_its_time_for_its_release_version_and_component(ask: dict[str, Any], code: str) -> None:
    checked = check(file(), KEYS, **{"now_s": NOW_S, **ask})
    assert checked.code == code
    assert checked.certificate == SAMPLE


def test_one_without_an_end_holds_until_it_is_taken_back() -> None:
    endless = file(until_s=None)
    checked = check(endless, KEYS, now_s=FROM_S + 100 * 366 * 86_400)
    assert (checked.code, checked.certificate and checked.certificate.until_s) == ("", None)
    assert "without end" in checked.detail
    revocations = read_revocations(listed("cert_1"), KEYS)
    assert isinstance(revocations, Revocations)
    assert check(endless, KEYS, now_s=NOW_S, revocations=revocations).code == "revoked"


CAN: dict[str, Any] = {"says": "can", "actions": ["use"], "cite": "licet.toml:41"}
WHEN: dict[str, Any] = {"fact": "commercial", "test": "is", "value": False}


@pytest.mark.parametrize(
    "clause",
    [
        7,
        {**CAN, "says": "may"},
        {**CAN, "says": ""},
        {**CAN, "cite": ""},
        {**CAN, "cite": 7},
        {**CAN, "duty": 7},
        {**CAN, "code": "because"},
        {**CAN, "actions": []},
        {**CAN, "actions": "use"},
        {**CAN, "actions": {"use": True}},
        {**CAN, "actions": ["use", 7]},
        {**CAN, "only_on_sundays": True},
        {**CAN, "when": {}},
        {**CAN, "when": [7]},
        {**CAN, "when": [{**WHEN, "unless": True}]},
        {**CAN, "when": [{"fact": "commercial", "test": "is"}]},
        {**CAN, "when": [{**WHEN, "fact": "wholesale"}]},
        {**CAN, "when": [{**WHEN, "fact": ["commercial"]}]},
        {**CAN, "when": [{**WHEN, "test": "resembles"}]},
        {**CAN, "when": [{**WHEN, "value": "no"}]},
        {**CAN, "when": [{**WHEN, "value": 0}]},
        {**CAN, "when": [{**WHEN, "value": [False]}]},
        {**CAN, "when": [{"fact": "country", "test": "in", "value": "DE"}]},
        {**CAN, "when": [{"fact": "country", "test": "in", "value": ["DE", 7]}]},
    ],
)
def test_a_clause_that_is_not_understood_whole_is_no_clause(clause: object) -> None:
    assert policy_of({"name": "x", "clauses": [CAN, {**CAN, "when": [WHEN], "code": "license_forbids"}]})
    with pytest.raises(ValueError):
        policy_of({"name": "x", "clauses": [CAN, clause]})


@pytest.mark.parametrize("join", ["all", "any"])
def test_terms_that_are_joined_too_deep_are_none(join: str) -> None:
    told: dict[str, Any] = {"name": "x", "clauses": [CAN]}
    for _ in range(20):
        told = {join: [told]}
    assert written(policy_of(told)) == told
    with pytest.raises(ValueError):
        policy_of({join: [told]})


def listed(*ids: str, issuer: str = SAMPLE.issuer, expires_s: int = NOW_S + 100, key: Any = KEY) -> bytes:
    told = Revocations((issuer,), NOW_S - 5, expires_s, dict.fromkeys(ids, NOW_S - 7)).statement()
    return sealed("revocations", told, signature("revocations", told, key))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (listed(), ""),
        (listed("cert_2"), ""),
        (listed("cert_1"), "revoked"),
        (listed("cert_1", expires_s=NOW_S), "revoked"),  # an old list still knows what was taken back
        (listed(expires_s=NOW_S), "revocations_stale"),
        (listed(issuer="https://other.example.org"), "revocations_of_another"),
    ],
)
def test_a_list_of_revocations_takes_back_and_grows_old(body: bytes, code: str) -> None:
    revocations = read_revocations(body, KEYS)
    assert isinstance(revocations, Revocations)
    assert check(file(), KEYS, now_s=NOW_S, revocations=revocations).code == code


def test_a_list_that_somebody_else_signed_is_none() -> None:
    assert isinstance(read_revocations(listed(key=OTHER), KEYS), Broken)
    told = json.loads(listed("cert_1"))
    told["revocations"]["revoked"] = []
    assert isinstance(read_revocations(json.dumps(told).encode(), KEYS), Broken)
    swapped = {"certificate": told["revocations"], "signature": told["signature"]}
    assert check(json.dumps(swapped).encode(), KEYS, now_s=NOW_S).code == "wrong_kind"
    for change in (
        {"revoked": [{"id": 1, "revoked": None}]},
        {"revoked": [{"id": "cert_1", "revoked": None}]},
        {"revoked": [{"id": 1, "revoked": "2026-11-23T05:00:00Z"}]},
        {"expires": None},
        {"issuers": []},
        {"format": "x"},
        {"revoked": [7]},
        {"only_on_sundays": True},
    ):
        spoilt = {**json.loads(listed())["revocations"], **change}
        body = sealed("revocations", spoilt, signature("revocations", spoilt, KEY))
        assert isinstance(read_revocations(body, KEYS), Broken), change


def test_keys_are_read_from_a_set_from_one_key_and_from_pem() -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = KEY.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    rsa = {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "r"}
    several = json.dumps({"keys": [rsa, jwk(OTHER.public), jwk(KEY.public)]}).encode()
    for body in (pem, json.dumps(jwk(KEY.public)).encode(), several):
        assert check(file(), read_keys(body), now_s=NOW_S).holds
    for body in (b"", b"{}", b"[]", b'{"keys": 7}', b'{"keys": [7]}', json.dumps({"keys": [rsa]}).encode(),
                 json.dumps({"kty": "OKP", "crv": "Ed25519", "x": "AA"}).encode(),
                 json.dumps({**jwk(KEY.public), "crv": "X25519"}).encode(),
                 json.dumps({**jwk(KEY.public), "kty": "oct"}).encode(),
                 json.dumps({**jwk(KEY.public), "kid": OTHER.kid}).encode(),
                 b"-----BEGIN PUBLIC KEY-----\nx\n", json.dumps({**jwk(KEY.public), "x": "AA"}).encode()):  # fmt: skip
        with pytest.raises(LicetError):
            read_keys(body)
    with pytest.raises(LicetError, match="private"):
        read_keys(json.dumps({**jwk(KEY.public), "d": "x"}).encode())


def test_a_private_key_is_neither_printed_nor_copied() -> None:
    assert (b"\x01" * 32).hex() not in repr(KEY)
    assert "private" not in repr(KEY)
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


@pytest.mark.parametrize("value", [1.0, {"é": 1}, {7: 1}, {1, 2}, b"x", 2**53, -(2**53), "\ud800"])
def test_what_two_programs_could_write_in_two_ways_is_never_signed(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical([value])


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}])
def test_what_is_too_deep_for_any_reader_is_never_signed(wrap: Any) -> None:
    deep: Any = 7
    for _ in range(60):
        deep = wrap(deep)
    assert strict(canonical(deep)) == deep
    with pytest.raises(ValueError, match="too deep"):
        canonical(wrap(deep))
    with pytest.raises(ValueError, match="too deep"):
        strict(json.dumps(wrap(deep)).encode())


@given(json_values)
def test_the_canonical_form_is_read_back_as_it_was(value: Any) -> None:
    body = canonical(value)
    assert strict(body) == value
    assert canonical(strict(body)) == body
    assert canonical(json.loads(json.dumps(value, indent=3))) == body


@given(st.binary(max_size=40))
def test_base64url_has_one_spelling(data: bytes) -> None:
    assert unb64u(b64u(data)) == data


def test_the_canonical_form_is_that_of_the_standard() -> None:
    """The example of RFC 8785, section 3.2.2, but for its fractions, which nothing here has."""
    value = {"string": '\u20ac$\u000f\nA\'B"\\\\"/', "literals": [None, True, False], "numbers": [4, 1000]}
    expected = '{"literals":[null,true,false],"numbers":[4,1000],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(value).decode() == expected


# --- what it opens ---------------------------------------------------------------------------------------------------

plain_fact = st.builds(Fact, st.sampled_from(TOLD), st.sampled_from(("is", "is not")), st.booleans())
sized = st.builds(Fact, st.just("employees"), st.sampled_from(("<=", ">")), st.integers(0, 4))
clause = st.builds(
    Clause, st.sampled_from(Says), st.none() | st.frozensets(st.sampled_from(["act", "other"]), min_size=1), st.none(),
    st.none(), st.lists(plain_fact | sized, max_size=2).map(tuple), st.sampled_from(["", "do it"]), st.just(""),
    st.sampled_from("abc"),
)  # fmt: skip
licensed = trees(st.builds(Terms, st.just("t"), st.lists(clause, max_size=4).map(tuple)))
asks = st.builds(
    Ask, st.just("act"), st.sampled_from(["weights", "code"]), st.just(frozenset()),
    st.fixed_dictionaries({"now_s": st.integers(FROM_S - 2, UNTIL_S + 2)},
                          optional={"commercial": st.booleans(), "employees": st.integers(0, 5)}),
)  # fmt: skip


def released(license: Policy, upstream: Policy | None, certificates: list[Certificate]) -> Policy:
    """The shape of `release/policy.py`."""
    own: Policy = AnyOf((license, *map(policy, certificates)))
    return AllOf((upstream, own)) if upstream else own


@given(licensed, st.none() | licensed, licensed, asks)
def test_a_certificate_only_opens_and_taken_away_leaves_the_verdict_from_before_it(
    license: Policy, upstream: Policy | None, terms: Policy, ask: Ask
) -> None:
    certificate = replace(SAMPLE, terms=terms)
    before = may(released(license, upstream, []), ask)
    with_it = may(released(license, upstream, [certificate]), ask)
    assert with_it.answer >= before.answer
    assert may(released(license, upstream, []), ask) == before
    if ask.component != "weights" or not FROM_S <= ask.facts["now_s"] < UNTIL_S:
        assert with_it.answer is before.answer  # of another component, or of another time, it says nothing
    if upstream:
        assert with_it.answer <= may(upstream, ask).answer  # no certificate sells what upstream forbids


@given(licensed)
def test_terms_travel_unchanged(terms: Policy) -> None:
    assert policy_of(json.loads(json.dumps(written(terms)))) == terms
    assert Certificate.read(replace(SAMPLE, terms=terms).statement()).terms == terms


@pytest.mark.parametrize(
    ("now_s", "until_s", "opens"),
    [(FROM_S - 1, UNTIL_S, False), (FROM_S, UNTIL_S, True), (UNTIL_S - 1, UNTIL_S, True), (UNTIL_S, UNTIL_S, False),
     (UNTIL_S, None, True), (FROM_S - 1, None, False)],
)  # fmt: skip
def test_it_opens_from_its_first_second_to_its_last(now_s: int, until_s: int | None, opens: bool) -> None:
    tree = policy(replace(SAMPLE, until_s=until_s))
    told = may(tree, Ask("use", "weights", frozenset(), {"now_s": now_s}))
    assert (told.answer is Answer.YES) is opens
    assert check(file(until_s=until_s), KEYS, now_s=now_s).holds is opens


def test_a_yes_cites_the_certificate_and_what_it_does_not_name_stays_no() -> None:
    no = Terms("CC-BY-NC", (Clause(Says.CANNOT, when=(Fact("commercial", "is", True),), cite="CC-BY-NC §2"),))
    facts = {"commercial": True, "now_s": NOW_S}
    tree = released(no, None, [SAMPLE])
    told = may(tree, Ask("use", "weights", frozenset(), facts))
    assert told.answer is Answer.YES
    assert [c.cite for c in told.because] == ["certificate cert_1", USE.cite]
    assert may(tree, Ask("sublicense", "weights", frozenset(), facts)).answer is Answer.NO


def test_any_program_that_knows_jws_can_verify_it() -> None:
    """RFC 7515, appendix F: put the content between the dots, and another library agrees."""
    import jwt

    told = tell()
    head, _, made = told["signature"].split(".")
    whole = f"{head}.{b64u(canonical(told['certificate']))}.{made}"
    public = jwt.PyJWK(jwk(KEY.public)).key
    content = jwt.PyJWS().decode(whole, public, algorithms=["EdDSA"])
    assert json.loads(content) == told["certificate"]
