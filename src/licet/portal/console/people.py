"""Who is there, what do they hold, and what does an operator do about it?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from licet.portal import accounts, operators, origin, tiers
from licet.portal.console.parts import ReadOnly, Words, WordsAndTier, at, each
from licet.portal.models import Account, Held, Holder, Key


class ByState(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("living", "in good standing"), ("suspended", "suspended"), ("deleted", "deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        states = {
            "living": Q(suspended_s=None, deleted_s=None),
            "suspended": Q(suspended_s__isnull=False, deleted_s=None),
            "deleted": Q(deleted_s__isnull=False),
        }
        return queryset.filter(states.get(self.value() or "", Q()))


class ByTier(admin.SimpleListFilter):
    title = "tier"
    parameter_name = "tier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        held = Held.objects.filter(ended_s=None).values_list("release", "tier").distinct().order_by("release", "tier")
        return [(f"{release}/{tier}", f"{tier} of {release}") for release, tier in held]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        release, slash, tier = (self.value() or "").partition("/")
        mine = Held.objects.filter(holder=OuterRef("pk"), release=release, tier=tier, ended_s=None)
        return queryset.filter(Exists(mine)) if slash else queryset


class Holders(ReadOnly):
    list_display = ("who", "tiers_held", "keys", "state", "made")
    list_filter = (ByState, ByTier, "kind")
    search_fields = ("account__email", "organization__name", "=id")
    search_help_text = "address, organization or id (hol_…)"
    actions = ("give_tier", "suspend", "unsuspend", "sign_out", "make_operator")
    action_form = WordsAndTier
    ordering = ("-made_s",)
    made = at("made_s", "made")
    list_select_related = ("account", "organization")
    fields = ("id", "kind", "account", "state", "made", "tiers_held", "keys", "look")
    readonly_fields = ("state", "made", "tiers_held", "keys", "look")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Holder]:
        """Tiers and keys come with the page, not one by one: there may be a hundred thousand holders."""
        open_now = Prefetch("held", Held.objects.filter(ended_s=None).order_by("id"), to_attr="held_now")
        working = Prefetch("keys", Key.objects.filter(revoked_s=None).only("id", "holder_id"), to_attr="keys_now")
        found: QuerySet[Holder] = super().get_queryset(request)
        return found.prefetch_related(open_now, working)

    @admin.display(description="who", ordering="account__email")
    def who(self, row: Holder) -> str:
        return f"{row} (operator)" if row.account and row.account.is_operator else str(row)

    @admin.display(description="tier")
    def tiers_held(self, row: Holder) -> str:
        return ", ".join(f"{h.tier} of {h.release}" for h in row.held_now) or "none"  # type: ignore[attr-defined]

    @admin.display(description="keys that work")
    def keys(self, row: Any) -> int:
        return len(row.keys_now)

    @admin.display(description="state")
    def state(self, row: Holder) -> str:
        if row.deleted_s is not None:
            return "deleted"
        return f"suspended: {row.suspended_why or 'no reason given'}" if row.suspended_s is not None else "good"

    @admin.display(description="look at")
    def look(self, row: Holder) -> SafeString:
        found = [("request", "requests"), ("key", "keys"), ("acceptance", "acceptances"), ("event", "events"),
                 ("grantrow", "grants")]  # fmt: skip
        links = [(reverse(f"admin:portal_{model}_changelist"), row.pk, says) for model, says in found]
        rows = format_html_join(" · ", '<a href="{}?holder__id__exact={}">{}</a>', links)
        return format_html(
            '{} · <a href="{}?who={}">why can she, why can\'t he?</a>', rows, reverse("admin:why"), row.pk
        )

    @admin.action(description="Give the tier chosen here")
    def give_tier(self, request: HttpRequest, rows: QuerySet[Holder]) -> None:
        release, slash, tier = request.POST.get("tier", "").partition("/")
        if not slash:
            messages.error(request, "Choose a tier beside the action.")
            return
        by, why = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: tiers.give(row, release, tier, by, why=why), f"now hold {tier}")

    @admin.action(description="Suspend (with words)")
    def suspend(self, request: HttpRequest, rows: QuerySet[Holder]) -> None:
        by, why = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: accounts.suspend(row, why, by), "suspended")

    @admin.action(description="Lift the suspension")
    def unsuspend(self, request: HttpRequest, rows: QuerySet[Holder]) -> None:
        each(request, rows, lambda row: accounts.unsuspend(row, origin.by(request)), "no longer suspended")

    @admin.action(description="Sign out of every browser; keys go on")
    def sign_out(self, request: HttpRequest, rows: QuerySet[Holder]) -> None:
        by, why = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: accounts.sign_out(row, by, why), "signed out")

    @admin.action(description="Make an operator")
    def make_operator(self, request: HttpRequest, rows: QuerySet[Holder]) -> None:
        by = origin.by(request)
        each(request, (row.account for row in rows if row.account), lambda one: operators.appoint(one, by), "operators")


class NewAccount(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Account
        fields = ("email",)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if Account.objects.by_email(email):
            raise forms.ValidationError("There is an account with this address already.")
        return email


class Accounts(ReadOnly):
    """An account is made here without a password: its owner sets one through "forgotten password"."""

    list_display = ("email", "is_operator", "holder_link", "made")
    list_filter = ("is_operator",)
    list_select_related = ("holder",)
    search_fields = ("email",)
    actions = ("end",)
    action_form = Words
    ordering = ("-made_s",)
    form = NewAccount
    made = at("made_s", "made")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    @admin.display(description="holder")
    def holder_link(self, row: Account) -> SafeString:
        url = reverse("admin:portal_holder_change", args=[row.holder.pk])
        return format_html('<a href="{}">{}</a>', url, row.holder.pk)

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        holder = accounts.create(obj.email, None, origin.by(request))
        assert holder.account is not None
        obj.pk = holder.account.pk

    @admin.action(description="Delete: keys end at once, sums stay")
    def end(self, request: HttpRequest, rows: QuerySet[Account]) -> None:
        by = origin.by(request)
        mine = [row.holder for row in rows if row.pk != request.user.pk]
        if len(mine) < len(rows):
            messages.error(request, "You delete your own account on your own pages.")
        each(request, mine, lambda row: accounts.delete(row, by), "deleted")
