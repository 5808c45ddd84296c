"""What do all pages of the console share? Nothing is deleted, nothing is changed but by an act, times are in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString

from licet.errors import LicetError
from licet.portal import documents
from licet.portal.templatetags.moments import moment


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to look at. What changes them is an act with an event, never a form over the table."""

    list_per_page = 50
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = str(self.model._meta.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def response_action(self, request: HttpRequest, queryset: Any, *where: Any, **more: Any) -> Any:
        try:
            for given in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.model._meta.pk.to_python(given)
        except ValidationError:  # no page of ours sends such a row; Django would look for it, and break
            messages.error(request, "A row that was chosen is none of this list.")
            return None
        return super().response_action(request, queryset, *where, **more)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def at(field: str, says: str) -> Callable[[Any, Any], str | SafeString]:
    """A column with the moment of a `…_s` field."""

    @admin.display(description=says, ordering=field)
    def column(self: Any, row: Any) -> str | SafeString:
        return moment(getattr(row, field))

    return column


def each(request: HttpRequest, rows: Iterable[Model], act: Callable[[Any], object], says: str) -> None:
    """Do it to each row; one that cannot be done does not keep the others from it. Both are told."""
    done = 0
    for row in rows:
        try:
            act(row)
        except LicetError as wrong:
            messages.error(request, f"{row}: {wrong}")
        else:
            done += 1
    if done:
        messages.success(request, f"{done} {says}.")


class Words(ActionForm):
    """A word of reason beside the list of acts."""

    words = forms.CharField(required=False, label="Words", widget=forms.TextInput(attrs={"size": 30}))


def tier_choices() -> list[tuple[str, str]]:
    """`release/tier` for every tier that is on offer."""
    found = [("", "tier …")]
    for name in documents.releases():
        found += [(f"{name}/{t.name}", f"{t.name} of {name}") for t in documents.in_force(name).tiers]
    return found


class WordsAndTier(Words):
    tier = forms.ChoiceField(required=False, choices=tier_choices, label="Tier")
