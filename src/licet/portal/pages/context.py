"""What does every page carry around its content? The release's name and document, and the links a person can follow."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _later

from licet.portal.pages import source
from licet.release.release import Release


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str
    here: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """`release` is None before a first document is published: the pages then say so instead of failing."""

    release: Release | None
    dev: bool
    document_url: str
    links: tuple[Link, ...]
    account: tuple[Link, ...]


def site(request: HttpRequest) -> dict[str, object]:
    """`frame` for `licet/base.html`. Lazy: an answer that renders no page of ours pays nothing."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> Frame:
    shown = source.newest()
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    wanted = _YOURS + (_CONSOLE if signed_in and user.is_staff else ()) if user is not None and signed_in else _NOBODY
    return Frame(
        release=shown.release if shown else None,
        dev=source.dev(),
        document_url=f"/documents/{shown.release.sha256[:12]}" if shown else "",
        links=_links(request, wanted),
        account=_links(request, _ACCOUNT) if signed_in else (),
    )


def _links(request: HttpRequest, wanted: tuple[tuple[str, str], ...]) -> tuple[Link, ...]:
    found = []
    for name, text in wanted:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue  # a part that this server does not run has no link
        here = request.path.startswith(_UNDER[text]) if text in _UNDER else request.path == url
        found.append(Link(_(text), url, here))
    return tuple(found)


_NOBODY = (("account_login", _later("Sign in")), ("account_signup", _later("Sign up")))
_YOURS = (
    ("keys", _later("My keys")),
    ("usage", _later("My usage")),
    ("tier", _later("My tier")),
    ("organizations", _later("Organizations")),
    ("account_email", _later("Account")),
)
_UNDER = {"My keys": "/my/keys", "Organizations": "/my/organizations/", "Account": "/accounts/"}  # with what lies below
_CONSOLE = (("admin:index", _later("Console")),)
_ACCOUNT = (
    ("account_email", _later("E-mail")),
    ("account_change_password", _later("Password")),
    ("mfa_index", _later("Two-factor and passkeys")),
    ("usersessions_list", _later("Sessions")),
    ("account_logout", _later("Sign out")),
)
