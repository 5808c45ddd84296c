"""A sign-in server that lies, tokens that are not for us, answers that nobody asked for: nobody comes in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.portal.sso.conftest import SsoLab
from tests.portal.sso.idp import Claims, Idp
from tests.portal.test_pages_of_mine import client

STRANGER = rsa.generate_private_key(65537, 2048)


def nobody_came(home: SsoLab, browser: Any, answer: Any, why: str) -> None:
    from licet.portal.models import Account
    from licet.portal.sso.models import Identity

    assert answer.status_code == 403, answer.content.decode()
    assert not Identity.objects.exists()
    assert not Account.objects.filter(email__contains="whales.example").exists()
    assert browser.get("/my/keys").status_code == 302
    if why in ("state", "declined"):
        assert not home.made.holder.events.filter(what="signon.refused").exists()  # anybody can call the address
        return
    refused = home.made.holder.events.filter(what="signon.refused").first()
    assert refused is not None and refused.told["why"] == why


def _hs256(key: bytes) -> Callable[[Idp, Claims], str]:
    """PyJWT itself refuses to sign with a public key: done by hand, as an attacker would."""
    import hashlib
    import hmac
    import json
    from base64 import urlsafe_b64encode

    def word(raw: bytes) -> str:
        return urlsafe_b64encode(raw).rstrip(b"=").decode()

    def sign(idp: Idp, claims: Claims) -> str:
        head = (
            word(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "r"}).encode())
            + "."
            + word(json.dumps(claims).encode())
        )
        return head + "." + word(hmac.digest(key or _pem(idp), head.encode(), hashlib.sha256))

    return sign


def _pem(idp: Idp) -> bytes:
    found: bytes = idp.rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found


LIES: dict[str, tuple[Callable[[Claims], Claims], str]] = {
    "wrong issuer": (lambda c: {**c, "iss": "https://evil.example"}, "issuer"),
    "an issuer that only begins like it": (lambda c: {**c, "iss": c["iss"] + "/"}, "issuer"),
    "no issuer": (lambda c: {k: v for k, v in c.items() if k != "iss"}, "issuer"),
    "wrong audience": (lambda c: {**c, "aud": "another"}, "audience"),
    "no audience": (lambda c: {k: v for k, v in c.items() if k != "aud"}, "audience"),
    "several audiences, given to another": (lambda c: {**c, "aud": ["licet", "another"], "azp": "another"}, "audience"),
    "several audiences, given to nobody": (lambda c: {**c, "aud": ["licet", "another"]}, "audience"),
    "wrong nonce": (lambda c: {**c, "nonce": "x" * 43}, "nonce"),
    "no nonce": (lambda c: {k: v for k, v in c.items() if k != "nonce"}, "nonce"),
    "expired": (lambda c: {**c, "iat": time.time() - 900, "exp": time.time() - 120}, "expired"),
    "expires never": (lambda c: {k: v for k, v in c.items() if k != "exp"}, "expired"),
    "an end that is no number": (lambda c: {**c, "exp": "never"}, "expired"),
    "very old": (lambda c: {**c, "iat": time.time() - 7200}, "expired"),
    "from a time to come": (lambda c: {**c, "iat": time.time() + 600, "exp": time.time() + 900}, "expired"),
    "not yet good": (lambda c: {**c, "nbf": time.time() + 600}, "expired"),
    "nobody": (lambda c: {**c, "sub": ""}, "subject"),
    "a subject that is no text": (lambda c: {**c, "sub": ["u1"]}, "subject"),
    "an address not verified": (lambda c: {**c, "email_verified": False}, "email"),
    "an address verified as a text": (lambda c: {**c, "email_verified": "true"}, "email"),
    "an address of which nothing is said": (lambda c: {k: v for k, v in c.items() if k != "email_verified"}, "email"),
    "a foreign domain": (lambda c: {**c, "email": "ann@sharks.example"}, "domain"),
    "a domain below": (lambda c: {**c, "email": "ann@sub.whales.example"}, "domain"),
    "a domain that ends alike": (lambda c: {**c, "email": "ann@notwhales.example"}, "domain"),
    "two addresses in one": (lambda c: {**c, "email": "ann@sharks.example,x@whales.example"}, "email"),
    "an address with another in quotes": (lambda c: {**c, "email": '"ann@sharks.example "@whales.example'}, "email"),
    "an address and a line more": (lambda c: {**c, "email": "ann@whales.example\nBcc: x@sharks.example"}, "email"),
    "no address": (lambda c: {**c, "email": ""}, "email"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_lies_lets_nobody_in(home: SsoLab, idp: Idp, lie: str) -> None:
    idp.twist, why = LIES[lie]
    browser, answer = home.signs_in()
    nobody_came(home, browser, answer, why)


SIGNATURES: dict[str, tuple[Callable[[Idp, Claims], str], str]] = {
    "none": (lambda _, c: jwt.encode(c, None, "none", {"kid": "r"}), "algorithm"),
    "HS256 with our own secret": (_hs256(b"a secret between servers: %/+"), "algorithm"),
    "HS256 with the server's public key": (_hs256(b""), "algorithm"),
    "another's key under a known id": (lambda _, c: jwt.encode(c, STRANGER, "RS256", {"kid": "r"}), "signature"),
    "a key nobody knows": (lambda i, c: jwt.encode(c, i.rsa, "RS256", {"kid": "x"}), "signature"),
    "an elliptic signature under an RSA key": (lambda i, c: jwt.encode(c, i.ec, "ES256", {"kid": "r"}), "signature"),
    "a key in the token": (
        lambda _, c: jwt.encode(
            c, STRANGER, "RS256",
            {"jwk": jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key(), as_dict=True), "kid": "r"}),
        "signature"),
    "cut off": (lambda i, c: jwt.encode(c, i.rsa, "RS256", {"kid": "r"}).rpartition(".")[0] + ".", "signature"),
    "no token at all": (lambda _, __: "", "form"),
}  # fmt: skip


@pytest.mark.parametrize("how", SIGNATURES)
def test_a_token_that_its_server_did_not_sign_lets_nobody_in(home: SsoLab, idp: Idp, how: str) -> None:
    idp.sign, why = SIGNATURES[how]
    browser, answer = home.signs_in()
    nobody_came(home, browser, answer, why)


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "r"), ("PS256", "r"), ("ES256", "e")])
def test_the_same_token_signed_by_its_server_lets_in(home: SsoLab, idp: Idp, algorithm: str, kid: str) -> None:
    keys = idp.keys
    idp.keys = lambda: [{k: v for k, v in one.items() if k != "alg"} for one in keys()]  # type: ignore[method-assign]
    idp.sign = lambda i, c: jwt.encode(c, i.rsa if kid == "r" else i.ec, algorithm, {"kid": kid})
    browser, answer = home.signs_in()
    assert answer.status_code == 302 and browser.get("/my/keys").status_code == 200


def test_keys_that_were_rolled_are_found_without_a_restart(home: SsoLab, idp: Idp) -> None:
    home.signs_in()
    idp.rsa = rsa.generate_private_key(65537, 2048)
    first = idp.keys
    idp.keys = lambda: [{**one, "kid": one["kid"] + "2"} for one in first()]  # type: ignore[method-assign]
    idp.sign = lambda i, c: jwt.encode(c, i.rsa, "RS256", {"kid": "r2"})
    browser, answer = home.signs_in()
    assert answer.status_code == 302 and browser.get("/my/keys").status_code == 200


def test_a_code_is_used_once_and_its_answer_too(home: SsoLab, idp: Idp) -> None:
    idp.forget_codes = False  # a server that would take it twice
    browser = client()
    url = home.goes(browser)
    assert home.back(browser, url).status_code == 302
    assert home.back(browser, url).status_code == 403  # the state is gone
    fresh = client()
    other = parse_qs(urlsplit(home.goes(fresh)).query)["state"][0]
    code = parse_qs(urlsplit(url).query)["code"][0]
    answer = home.back(
        fresh, f"/accounts/sso/{home.connection.pk}/callback?{urlencode({'code': code, 'state': other})}"
    )
    assert answer.status_code == 403  # PKCE: the code is of another sign-in
    assert fresh.get("/my/keys").status_code == 302


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(home: SsoLab) -> None:
    """The attacker begins, the victim's browser is led to the end: he would act in the attacker's account."""
    attacker, victim = client(), client()
    url = home.goes(attacker)
    answer = home.back(victim, url)
    nobody_came(home, victim, answer, "state")
    for state in ("", "x", "../", "null"):
        answer = home.back(
            victim, f"/accounts/sso/{home.connection.pk}/callback?{urlencode({'code': 'c', 'state': state})}"
        )
        nobody_came(home, victim, answer, "state")


def test_an_answer_comes_only_back_to_the_connection_that_asked_and_from_its_server(home: SsoLab) -> None:
    from licet.portal.organizations import founding
    from licet.portal.organizations.acting import member
    from licet.portal.sso import connecting

    eve = home.person("eve")
    hers = founding.found(eve, "Eve's Lab", home.by(eve))
    row = hers.memberships.get(person=eve)
    other = connecting.connect(member(row, home.by(eve)), home.idp.issuer, "licet", "hers", role="Member")
    browser = client()
    url = home.goes(browser)
    answer = home.back(browser, url.replace(home.connection.pk, other.pk))
    assert answer.status_code == 403
    browser = client()
    answer = home.back(browser, home.goes(browser) + "&iss=https%3A%2F%2Fevil.example")
    nobody_came(home, browser, answer, "issuer")


def test_a_state_that_waited_too_long_is_over(home: SsoLab, hands: Any) -> None:
    browser = client()
    url = home.goes(browser)
    hands.forward(15 * 60)
    nobody_came(home, browser, home.back(browser, url), "state")


def test_userinfo_of_another_person_is_not_mixed_in(home: SsoLab, idp: Idp) -> None:
    idp.slim, idp.userinfo_sub = True, "u2"
    browser, answer = home.signs_in()
    nobody_came(home, browser, answer, "subject")


def test_what_the_token_says_is_not_overruled_by_userinfo(home: SsoLab, idp: Idp) -> None:
    idp.twist = lambda c: {k: v for k, v in {**c, "email_verified": False}.items() if k != "groups"}
    home.maps("staff", "Viewer")
    browser, answer = home.signs_in()
    nobody_came(home, browser, answer, "email")


def test_a_server_that_declines_is_told_of_and_its_words_are_not_shown(home: SsoLab) -> None:
    browser = client()
    state = parse_qs(urlsplit(home.goes(browser)).query)["state"][0]
    told = urlencode({"error": "access_denied", "error_description": "<b>call 555</b>", "state": state})
    answer = home.back(browser, f"/accounts/sso/{home.connection.pk}/callback?{told}")
    nobody_came(home, browser, answer, "declined")
    assert "555" not in answer.content.decode()


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_way_back_never_leads_to_another_server(home: SsoLab, where: str) -> None:
    _, answer = home.signs_in(next_path=where)
    assert answer["Location"] == "/my/"


def test_the_session_is_another_after_the_sign_in(home: SsoLab) -> None:
    browser = client()
    url = home.goes(browser)
    before = browser.session.session_key
    home.back(browser, url)
    assert browser.get("/my/keys").status_code == 200
    assert browser.session.session_key != before


def test_whoever_was_signed_in_before_is_signed_out_first(home: SsoLab) -> None:
    browser = client("eve@example.org")
    home.signs_in(browser)
    assert "ann@whales.example" in browser.get("/my/events").wsgi_request.user.email
    assert not home.made.memberships.filter(person__account__email="eve@example.org").exists()


def test_a_sign_in_begins_only_by_a_form_of_ours(home: SsoLab) -> None:
    strict = client(enforce_csrf_checks=True)
    assert strict.post(f"/accounts/sso/{home.connection.pk}/", {}).status_code == 403


def test_an_account_that_may_not_log_in_does_not_come_in_this_way(home: SsoLab) -> None:
    from licet.portal.models import Account

    home.signs_in()
    Account.objects.filter(email="ann@whales.example").update(is_active=False)
    browser, _ = home.signs_in()
    assert browser.get("/my/keys").status_code == 302


def test_a_domain_that_was_taken_out_opens_nothing_any_more(home: SsoLab, idp: Idp) -> None:
    from licet.portal.sso import domains

    home.signs_in()
    domains.remove(home.signed_actor(), home.made.domains.get())
    browser, answer = home.signs_in()
    assert answer.status_code == 403 and browser.get("/my/keys").status_code == 302
