"""Which keys work, what happened, what was published?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import smart_split

from licet.portal import clock, documents, keys, origin
from licet.portal.console.parts import ReadOnly, Words, at, each
from licet.portal.models import Document, Event, Holder, Key

FOUND_AT_ONCE = 5_000  # rows that a search names by their numbers; past that they are looked for page by page


class Keys(ReadOnly):
    list_display = ("name", "prefix", "holder", "made", "ends", "revoked")
    list_filter = ("env", ("revoked_s", admin.EmptyFieldListFilter))
    search_fields = ("name", "=id", "^prefix", "holder__account__email", "=holder__id")
    search_help_text = "name, id (key_…), or whose it is"
    list_select_related = ("holder__account", "holder__organization")
    ordering = ("-made_s",)
    actions = ("revoke",)
    action_form = Words
    made, ends, revoked = at("made_s", "made"), at("expires_s", "ends"), at("revoked_s", "revoked")
    fields = ("id", "name", "prefix", "holder", "env", "scopes", "features", "releases", "networks", "budgets", "declared",
              "made", "ends", "revoked")  # fmt: skip
    readonly_fields = ("made", "ends", "revoked")

    @admin.action(description="Revoke: refused from the next call on")
    def revoke(self, request: HttpRequest, rows: QuerySet[Key]) -> None:
        by, why = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: keys.revoke(row, by, why), "revoked")


class Since(admin.SimpleListFilter):
    title = "when"
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "the last 24 hours"), ("7", "the last 7 days"), ("30", "the last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self.value() or ""
        return queryset.filter(at_s__gt=clock.now_s() - int(days) * 86_400) if days in ("1", "7", "30") else queryset


class OfRelease(admin.SimpleListFilter):
    """Most events are of no release: a link without words would stand there for them."""

    title = "release"
    parameter_name = "release"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in documents.releases()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(release=self.value()) if self.value() else queryset


class Events(ReadOnly):
    list_display = ("when", "what", "holder", "by", "release", "about", "address")
    list_filter = (Since, "what", OfRelease)
    search_fields = ("holder",)  # that there is a search: what it looks at stands in get_search_results
    search_help_text = "address, organization, id (hol_…, key_…, req_…), or a word that was said"
    list_select_related = ("holder__account", "holder__organization")
    when = at("at_s", "when")
    fields = ("id", "when", "what", "holder", "by", "release", "about", "address", "digest")
    readonly_fields = ("when", "about")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """What holds every word. A word may stand anywhere in a row, so no index helps: all rows are read, but once, for
        the count and the page together, and whose they are is looked up beside them, never row by row."""
        found = queryset
        for word in split(search_term):
            whose = Holder.objects.filter(Q(account__email__icontains=word) | Q(organization__name__icontains=word))
            found = found.filter(
                Q(holder__in=whose.values("pk")) | Q(holder=word) | Q(by=word) | Q(address__startswith=word)
                | Q(detail__icontains=word) | Q(said__icontains=word)
            )  # fmt: skip
        if found is queryset:
            return queryset, False
        ids = list(found.order_by().values_list("pk", flat=True)[: FOUND_AT_ONCE + 1])
        return (queryset.filter(pk__in=ids) if len(ids) <= FOUND_AT_ONCE else found), False

    @admin.display(description="detail")
    def about(self, row: Event) -> str:
        return ", ".join(f"{name}: {value}" for name, value in row.told.items() if value not in ("", None, []))


def split(text: str) -> list[str]:
    """The words of a search; what stands between quotation marks is one."""
    return [word.strip("\"'") for word in smart_split(text) if word.strip("\"'")]


class Documents(ReadOnly):
    list_display = ("release", "sha256", "begun", "made", "by")
    list_filter = ("release",)
    ordering = ("-id",)
    begun, made = at("from_s", "in force from"), at("made_s", "published")
    fields = ("release", "sha256", "begun", "made", "by", "text")
    readonly_fields = ("begun", "made", "text")

    @admin.display(description="licet.toml")
    def text(self, row: Any) -> SafeString:
        return format_html("<pre>{}</pre>", bytes(row.body).decode("utf-8", "replace"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return super().get_queryset(request).defer("body")
