"""What does an operator see of certificates? All of them; he issues one, takes one back. The key is rotated at the shell."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from licet.errors import LicetError
from licet.portal import documents, origin
from licet.portal.certificates import issuing
from licet.portal.certificates.models import CertificateRow, SigningKey
from licet.portal.certificates.reading import state
from licet.portal.console.parts import ReadOnly, Words, at, each
from licet.portal.events import By


def _components() -> list[tuple[str, str]]:
    found = [("", "component …")]
    for name in documents.releases():
        found += [(f"{name}/{c.name}", f"{c.name} of {name}") for c in documents.in_force(name).components]
    return found


class NewCertificate(forms.ModelForm):  # type: ignore[type-arg]
    by: By
    component = forms.ChoiceField(choices=_components)
    license = forms.CharField(
        max_length=1000, help_text="An SPDX expression or a LicenseRef-; what it allows stands in [[certificate]].",
        widget=forms.TextInput(attrs={"size": 60}),
    )  # fmt: skip
    until = forms.DateTimeField(required=False, help_text="In UTC; empty: without end.")

    class Meta:
        model = CertificateRow
        fields = ("holder", "component", "license")

    def clean(self) -> dict[str, Any]:
        """It is issued here, so that what cannot be issued is told beside the form."""
        told = super().clean() or {}
        if self.errors:
            return told
        release, _, component = told["component"].partition("/")
        until = told.get("until")
        try:
            self.made = issuing.issue(
                told["holder"], release, component, told["license"], self.by,
                until_s=int(until.timestamp()) if until else None,
            )  # fmt: skip
        except LicetError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        return told

    def _post_clean(self) -> None:
        """The row is made by `issuing.issue`, which checks it: there is no instance to check here."""


class Certificates(ReadOnly):
    list_display = ("id", "holder", "license", "component", "version", "begun", "until", "state")
    list_filter = ("release", "license", ("revoked_s", admin.EmptyFieldListFilter))
    search_fields = ("id", "holder__account__email", "holder__id", "holder__organization__name", "license", "source")
    ordering = ("-issued_s", "-id")
    actions = ("revoke",)
    action_form = Words
    form = NewCertificate
    autocomplete_fields = ("holder",)
    begun, until, issued, revoked = (
        at("from_s", "from"), at("until_s", "until"), at("issued_s", "issued"), at("revoked_s", "taken back"),
    )  # fmt: skip

    @admin.display(description="state")
    def state(self, row: CertificateRow) -> str:
        return state(row)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.by = origin.by(request)  # a class of this request alone
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("holder", "component", "license", "until")
        return ("id", "holder", "release", "version", "component", "license", "text_sha256", "document", "basis", "source",
                "begun", "until", "issued", "by", "kid", "revoked", "revoked_why", "statement")  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.made

    def save_model(self, request: HttpRequest, obj: CertificateRow, form: Any, change: bool) -> None:
        """It is made already, with its event."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A certificate has none."""

    @admin.action(description="Take back (with words)")
    def revoke(self, request: HttpRequest, rows: QuerySet[CertificateRow]) -> None:
        by, words = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: issuing.revoke(row, by, words), "taken back")


class SigningKeys(ReadOnly):
    list_display = ("kid", "made", "retired", "compromised")
    ordering = ("-made_s",)
    fields = ("kid", "made", "retired", "compromised")
    readonly_fields = fields
    made, retired, compromised = at("made_s", "made"), at("retired_s", "retired"), at("compromised_s", "compromised")


admin.site.register(CertificateRow, Certificates)
admin.site.register(SigningKey, SigningKeys)
