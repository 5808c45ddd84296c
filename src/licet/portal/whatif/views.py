"""The console's two pages of questions: why may somebody, or why not; and who gains and loses by a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from licet.access.role import ACTS
from licet.errors import Findings, LicetError
from licet.portal import documents, grants
from licet.portal.models import Document, GrantRow
from licet.portal.organizations import roles
from licet.portal.organizations.models import Organization
from licet.portal.pages.words import CATALOGUE
from licet.portal.whatif import changes, told, who
from licet.portal.whatif.asking import why as asked
from licet.portal.whatif.changes import Outcome
from licet.release.document import read
from licet.terms.action import DOWNLOAD

WHO = "An address, an id (hol_…), or an organization's name"


def _releases() -> list[tuple[str, str]]:
    return [(name, name) for name in documents.releases()]


def _actions() -> list[tuple[str, str]]:
    found = dict.fromkeys(f.name for name in documents.releases() for f in documents.in_force(name).features)
    return [(name, name) for name in [*found, DOWNLOAD]]


def _components() -> list[tuple[str, str]]:
    found = dict.fromkeys(c.name for name in documents.releases() for c in documents.in_force(name).components)
    return [("", "the first it serves"), *((name, name) for name in found)]


class WhyForm(forms.Form):
    who = forms.CharField(max_length=300, help_text=f"{WHO}, or a key's id (key_…).")
    release = forms.ChoiceField(choices=_releases)
    action = forms.ChoiceField(choices=_actions, label="May do")
    component = forms.ChoiceField(choices=_components, required=False, label="With")


class DocumentForm(forms.Form):
    toml = forms.CharField(label="licet.toml", strip=False, max_length=200_000,
                           widget=forms.Textarea(attrs={"rows": 24, "cols": 100, "spellcheck": "false"}))  # fmt: skip
    move = forms.CharField(required=False, max_length=300, label="Move the holders of",
                           help_text="Tiers, with commas; empty: all of them.")  # fmt: skip

    def outcome(self) -> Outcome:
        try:
            edited = read(self.cleaned_data["toml"].encode())
        except Findings as found:
            raise LicetError(str(found)) from None
        if edited.name not in documents.releases():
            raise LicetError(f"the release `{edited.name}` is not served here", mend="keep its name")
        return changes.document(
            edited, [t.strip() for t in self.cleaned_data["move"].split(",") if t.strip()] or ("*",)
        )


class TierForm(forms.Form):
    who = forms.CharField(max_length=300, help_text=f"{WHO}.")
    release = forms.ChoiceField(choices=_releases)
    tier = forms.CharField(max_length=64)

    def outcome(self) -> Outcome:
        told = self.cleaned_data
        return changes.tier(who.holder(told["who"]), told["release"], told["tier"])


class GrantForm(forms.Form):
    who = forms.CharField(max_length=300, help_text=f"{WHO}; or @ and a mail domain, like @uni.example.")
    release = forms.ChoiceField(choices=_releases)
    action = forms.MultipleChoiceField(choices=_actions, label="Features", widget=forms.CheckboxSelectMultiple)
    quota = forms.CharField(required=False, max_length=200, help_text="Like 500 calls / month; empty: none.")

    def outcome(self) -> Outcome:
        told = self.cleaned_data
        quotas = grants.quotas(told["quota"].split(","))
        return changes.grant(who.whose(told["who"]), told["release"], told["action"], None, quotas)


class RevokeForm(forms.Form):
    grant = forms.CharField(max_length=40, help_text="The id of a grant (grant_…).")

    def outcome(self) -> Outcome:
        word = self.cleaned_data["grant"].strip()
        row = GrantRow.objects.select_related("holder__account").filter(pk=word, revoked_s=None).first()
        if row is None:
            raise LicetError(f"there is no grant `{word}` in force", mend="the list of grants names them")
        return changes.revoked(row)


class RoleForm(forms.Form):
    who = forms.CharField(max_length=300, label="Organization", help_text="Its name, or its id (hol_…).")
    role = forms.CharField(max_length=60, help_text="A custom role of it, by its name.")
    acts = forms.MultipleChoiceField(choices=[(a, f"{a}: {says}") for a, says in ACTS.items()], required=False,
                                     widget=forms.CheckboxSelectMultiple)  # fmt: skip

    def outcome(self) -> Outcome:
        found = Organization.objects.filter(pk=who.holder(self.cleaned_data["who"]).pk).first()
        if found is None:
            raise LicetError("that is no organization", mend="name one")
        return changes.role(roles.find(found, self.cleaned_data["role"]), self.cleaned_data["acts"])


CHANGES: dict[str, tuple[str, type[forms.Form]]] = {
    "document": ("this licet.toml were published", DocumentForm),
    "tier": ("somebody were given a tier", TierForm),
    "grant": ("a grant were made", GrantForm),
    "revoke": ("a grant were revoked", RevokeForm),
    "role": ("a custom role had these acts", RoleForm),
}


@require_safe
def why(request: HttpRequest) -> HttpResponse:
    """`?who=…&release=…&action=…`: a question has an address, so that an answer can be sent to a colleague."""
    form, found = WhyForm(request.GET if "who" in request.GET else None), None
    if form.is_bound and form.is_valid():
        one = form.cleaned_data
        try:
            found = asked(one["who"], one["release"], one["action"], one["component"])
        except LicetError as wrong:
            form.add_error("who", str(wrong))
    return _page(request, "why", "Why can she, why can't he?", form, {"why": found})


@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: HttpRequest) -> HttpResponse:
    """POST asks; nothing is written. A whole licet.toml is too long for an address."""
    given: QueryDict = request.POST if request.method == "POST" else request.GET
    kind = given.get("change", "")
    if kind not in CHANGES:
        kind = "document"
    says, form_class = CHANGES[kind]
    first: dict[str, Any] = {name: value for name, value in given.items() if name != "change"}
    if kind == "document" and (newest := Document.objects.order_by("-id").first()):
        first.setdefault("toml", bytes(newest.body).decode("utf-8", "replace"))
    form: Any = form_class(request.POST if request.method == "POST" else None, initial=first)
    context: dict[str, Any] = {"kind": kind, "says": says, "kinds": {k: s for k, (s, _) in CHANGES.items()}}
    if form.is_bound and form.is_valid():
        try:
            outcome = form.outcome()
        except LicetError as wrong:
            form.add_error(None, str(wrong))
        else:
            context |= {"summary": told.summary(outcome), "lines": told.lines(outcome, CATALOGUE)}
    return _page(request, "whatif", f"What if {says}?", form, context)


def _page(request: HttpRequest, template: str, title: str, form: forms.Form, more: dict[str, Any]) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, "form": form, **more}
    return render(request, f"admin/whatif/{template}.html", context, status=422 if form.errors else 200)


def urls(view: Callable[[Any], Any]) -> list[Any]:
    """Their addresses in the console; `view` lets operators in."""
    from django.urls import path

    return [path("why/", view(why), name="why"), path("whatif/", view(what_if), name="whatif")]
