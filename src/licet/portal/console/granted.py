"""Who was granted what beside the tier, by whom, why, for how long and how much?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from licet.errors import LicetError
from licet.portal import clock, documents, grants, origin
from licet.portal.console.parts import ReadOnly, Words, at, each
from licet.portal.models import GrantRow
from licet.terms.action import DOWNLOAD


def _actions() -> list[tuple[str, str]]:
    found = dict.fromkeys(f.name for name in documents.releases() for f in documents.in_force(name).features)
    return [(name, name) for name in [*found, DOWNLOAD]]


def _components() -> list[tuple[str, str]]:
    found = dict.fromkeys(c.name for name in documents.releases() for c in documents.in_force(name).components)
    return [(name, name) for name in found]


def _releases() -> list[tuple[str, str]]:
    return [(name, name) for name in documents.releases()]


class NewGrant(forms.ModelForm):  # type: ignore[type-arg]
    """Every field of a grant; the row is made by `grants.grant`, whose words of refusal stand above the form."""

    request: HttpRequest
    made: GrantRow

    release = forms.ChoiceField(choices=_releases)
    domain = forms.CharField(
        required=False, max_length=253, label="Or a mail domain",
        help_text="Like uni.example: everybody whose confirmed address is there, now and later. Not its subdomains.",
    )  # fmt: skip
    actions = forms.MultipleChoiceField(choices=_actions, widget=forms.CheckboxSelectMultiple)
    components = forms.MultipleChoiceField(
        choices=_components, widget=forms.CheckboxSelectMultiple, required=False, help_text="None chosen: all of them."
    )
    quota = forms.CharField(
        required=False,
        max_length=200,
        help_text="Of its own, like 500 calls / month; several with commas. Empty: none.",
    )
    begins = forms.DateTimeField(required=False, label="From", help_text="In UTC; empty: now.")
    until = forms.DateTimeField(required=False, help_text="In UTC; empty: without end.")
    reason = forms.CharField(max_length=500, widget=forms.TextInput(attrs={"size": 60}))

    class Meta:
        model = GrantRow
        fields = ("holder", "release", "actions", "components", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "holder" in self.fields:  # a grant that was made is only looked at
            self.fields["holder"].required = False

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if bool(told.get("holder")) == bool(told.get("domain")):
            raise forms.ValidationError("A grant is for one holder or for one mail domain.")
        return told

    def _post_clean(self) -> None:
        """The row is made and checked by `grants.grant`: there is no instance to check here."""
        if self.errors:
            return
        told = self.cleaned_data
        try:
            self.made = grants.grant(
                told["holder"] or told["domain"], told["release"], told["actions"], origin.by(self.request),
                reason=told["reason"], components=told["components"] or None, from_s=_second(told["begins"]),
                until_s=_second(told["until"]), quotas=grants.quotas(told["quota"].split(",")),
            )  # fmt: skip
        except LicetError as wrong:
            self.add_error(None, str(wrong))


def _second(moment: Any) -> int | None:
    return int(moment.timestamp()) if moment else None


class ByForce(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "in force"), ("later", "to come"), ("ended", "ended"), ("revoked", "revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now, living = clock.now_s(), queryset.filter(revoked_s=None)
        match self.value():
            case "open":
                return living.filter(from_s__lte=now).exclude(until_s__lt=now)
            case "later":
                return living.filter(from_s__gt=now)
            case "ended":
                return living.filter(until_s__lt=now)
            case "revoked":
                return queryset.exclude(revoked_s=None)
        return queryset


class Grants(ReadOnly):
    list_display = ("whom", "actions_in_words", "quotas_in_words", "release", "reason", "begun", "until", "revoked")
    list_filter = (ByForce, "release", "program")
    list_select_related = ("holder__account", "holder__organization")
    search_fields = ("holder__account__email", "holder__organization__name", "=domain", "=id", "reason")
    search_help_text = "address, organization, mail domain, id (grant_…), or a word of the reason"
    ordering = ("-made_s",)
    actions = ("revoke",)
    action_form = Words
    form = NewGrant
    autocomplete_fields = ("holder",)
    begun, until, revoked = at("from_s", "from"), at("until_s", "until"), at("revoked_s", "revoked")
    reminded = at("reminded_s", "reminded of its end")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return type("NewGrant", (super().get_form(request, obj, change, **kwargs),), {"request": request})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("holder", "domain", "release", "actions", "components", "quota", "reason", "begins", "until")
        return ("id", "whom", "release", "actions_in_words", "components", "quotas_in_words", "reason", "program",
                "approver", "begun", "until", "reminded", "revoked")  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    @admin.display(description="for", ordering="holder__account__email")
    def whom(self, row: GrantRow) -> str:
        return row.whose

    @admin.display(description="what")
    def actions_in_words(self, row: GrantRow) -> str:
        return ", ".join(row.actions)

    @admin.display(description="how much")
    def quotas_in_words(self, row: GrantRow) -> str:
        return ", ".join(quota_words(row)) or "no quota of its own"

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.made

    def save_model(self, request: HttpRequest, obj: GrantRow, form: Any, change: bool) -> None:
        """It is made already, with its event."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A grant has none."""

    @admin.action(description="Revoke (with words)")
    def revoke(self, request: HttpRequest, rows: QuerySet[GrantRow]) -> None:
        by, why = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: grants.revoke(row, by, why), "revoked")


def quota_words(row: GrantRow) -> list[str]:
    """`500 calls / month`, each."""
    return [f"{q['limit']:,} {q['meter']} / {q['period']}" for q in row.quotas]
