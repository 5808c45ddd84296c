"""Which keys have I, and how do I get, change and end one? A secret is shown in the answer that makes it, and never
again.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licet.errors import LicetError
from licet.portal import accounts, clock, documents, fresh, keys, ledger_reading, origin
from licet.portal.config import current
from licet.portal.events import By
from licet.portal.models import Holder, Key
from licet.portal.my.first_call import first_call
from licet.portal.my.forms import KeyForm, RotateForm
from licet.portal.organizations import member_keys
from licet.portal.organizations.acting import member
from licet.portal.organizations.for_whom import memberships
from licet.portal.organizations.models import Membership
from licet.release.release import Release


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fresh.asked_of_posts
def all_of_mine(request: HttpRequest) -> HttpResponse:
    """The keys, and the form for another one; POST makes it."""
    holder, by = origin.holder(request), origin.by(request)
    accounts.welcome(holder, by)  # a release that was published after the log-in
    own = {row.organization_id: row for row in memberships(holder, by.signed)}
    form = KeyForm(
        request.POST if request.method == "POST" else None, releases=releases(), operator=by.operator, own=own.values(),
        initial={"for_whom": request.GET.get("for", "")},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = _made(holder, by, form, own.get(told.get("for_whom") or ""))
        except LicetError as wrong:
            form.add_error(None, str(wrong))
        else:
            return shown(request, made, _("Your new key"))
    mine = _with_use(holder)
    status = 422 if form.errors else 200
    context = {"form": form, "keys": mine, "holder": holder, "now_s": clock.now_s()}
    return render(request, "portal/keys.html", context, status=status)


def _made(holder: Holder, by: By, form: KeyForm, membership: Membership | None) -> keys.Made:
    """A key of one's own, or for the organization whose member one is."""
    told = form.cleaned_data
    features, within = told.get("features") or None, told.get("releases") or None
    if membership is not None:
        return member_keys.make(
            member(membership, by), membership, told["name"], scopes=told.get("scopes", ()), features=features,
            releases=within, declared=form.declared(), expires_s=form.expires_s(), nonce=told["nonce"],
            networks=form.several("networks"), budgets=form.several("budgets"),
        )  # fmt: skip
    return keys.make(
        holder, told["name"], by, env=current().environment, scopes=told.get("scopes", ()), features=features,
        releases=within, declared=form.declared(), expires_s=form.expires_s(), nonce=told["nonce"],
        networks=form.several("networks"), budgets=form.several("budgets"),
    )  # fmt: skip


@login_required
@never_cache
@require_GET
def one(request: HttpRequest, key_id: str) -> HttpResponse:
    """What one key is for, what was declared with it, and how to rotate or revoke it."""
    key = _mine(request, key_id)
    key.used_s = ledger_reading.last_use(key.holder_id, {key.pk}).get(key.pk)
    context = {"key": key, "live": key.live(clock.now_s()), "rotate": RotateForm()}
    return render(request, "portal/key.html", context)


@login_required
@never_cache
@require_POST
@fresh.asked_of_posts
def rotate(request: HttpRequest, key_id: str) -> HttpResponse:
    key, form = _mine(request, key_id), RotateForm(request.POST)
    if not form.is_valid():
        return render(request, "portal/key.html", {"key": key, "live": True, "rotate": form}, status=422)
    overlap_s, nonce = int(form.cleaned_data["overlap_s"]), form.cleaned_data["nonce"]
    try:
        if (own := _for_organization(key)) is not None:
            made = member_keys.rotate(member(own, origin.by(request)), key, overlap_s=overlap_s, nonce=nonce)
        else:
            made = keys.rotate(key, origin.by(request), overlap_s=overlap_s, nonce=nonce)
    except LicetError as wrong:
        messages.error(request, str(wrong))
        return redirect("key", key_id=key.pk)
    return shown(request, made, _("The new secret of your key"))


@login_required
@require_POST
def revoke(request: HttpRequest, key_id: str) -> HttpResponse:
    key = _mine(request, key_id)
    keys.revoke(key, origin.by(request))
    messages.success(request, _("The key %(name)s is refused from now on.") % {"name": key.name})
    return redirect("keys")


@sensitive_variables("made")
def shown(request: HttpRequest, made: keys.Made, title: str) -> HttpResponse:
    """The page with the secret: this once."""
    context = {"key": made.key, "secret": made.secret, "heading": title, "first": first_call(made.key)}
    answer = render(request, "portal/key_shown.html", {**context, "url": current().url})
    answer["Cache-Control"] = "no-store"
    return answer


def releases() -> list[Release]:
    return [documents.in_force(name) for name in documents.releases()]


def _with_use(holder: Holder) -> list[Key]:
    found = Key.objects.filter(_whose(holder)).select_related("holder__organization")
    mine = list(found.order_by("revoked_s", "-made_s"))
    used: dict[str, int] = {}
    for owner in {key.holder_id for key in mine}:
        used |= ledger_reading.last_use(owner, {key.pk for key in mine if key.holder_id == owner})
    for key in mine:
        key.used_s = used.get(key.pk)
    return mine


def _mine(request: HttpRequest, key_id: str) -> Key:
    return get_object_or_404(Key, _whose(origin.holder(request)), pk=key_id)


def _whose(holder: Holder) -> Q:
    """One's own keys, and those with which one calls for organizations."""
    return Q(holder=holder) | Q(of__membership__person=holder, of__membership__ended_s=None)


def _for_organization(key: Key) -> Membership | None:
    return Membership.objects.filter(keys__key=key).select_related("organization").first()
