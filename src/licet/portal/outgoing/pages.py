"""Which servers do I tell? A holder's webhooks: set up, looked after, sent again. The same for an organization."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licet.access.key import Secret
from licet.errors import LicetError
from licet.portal import clock
from licet.portal.organizations.desk.enter import Desk
from licet.portal.organizations.desk.enter import page as of_organization
from licet.portal.organizations.desk.whose import Whose
from licet.portal.outgoing import catalog, endpoints
from licet.portal.outgoing.models import Delivery, Endpoint

ACT = "manage:organization"  # a webhook carries what happens to an organization out of it


class EndpointForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Address"), max_length=500, widget=forms.URLInput(attrs={"placeholder": "https://"})
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, required=False)
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Only these"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: everything that concerns you."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(type, f"{type}: {_(words)}") for type, words in catalog.TYPES.items() if type != "endpoint.test"]
        self.fields["types"].choices = known  # type: ignore[attr-defined]


type View = Callable[..., HttpResponse]


def _both(view: View) -> tuple[View, View]:
    """The same page for a person, and for an organization where the role allows it."""

    def mine(request: HttpRequest, **more: Any) -> HttpResponse:
        return view(request, Whose.own(request), **more)

    def ours(request: HttpRequest, desk: Desk, **more: Any) -> HttpResponse:
        return view(request, Whose.ours(desk), **more)

    return login_required(never_cache(mine)), of_organization(ACT)(ours)


def _all(request: HttpRequest, whose: Whose) -> HttpResponse:
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            row = endpoints.make(whose.holder, told["url"], whose.by, types=told["types"], name=told["name"])
        except LicetError as wrong:
            form.add_error("url", str(wrong))
        else:
            return _shown(request, whose, row, endpoints.secrets(row, clock.now_s())[0])
    rows = [(row, whose.url("webhook", row.pk)) for row in endpoints.of(whose.holder)]
    context = {"rows": rows, "form": form, "base": whose.base, "desk": whose.desk, "here": whose.url("webhooks")}
    return render(request, "outgoing/webhooks.html", context, status=422 if form.errors else 200)


def _one(request: HttpRequest, whose: Whose, endpoint_id: str) -> HttpResponse:
    row = _mine(whose, endpoint_id)
    found = Delivery.objects.filter(endpoint=row).select_related("message").order_by("-id")
    context = {
        "row": row, "base": whose.base, "desk": whose.desk, "back": whose.url("webhooks"),
        "here": whose.url("webhook", row.pk), "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "waiting": found.filter(state=Delivery.State.WAITS).count(),
        "dead": found.filter(state=Delivery.State.DEAD).count(), "now_s": clock.now_s(),
    }  # fmt: skip
    return render(request, "outgoing/webhook.html", context)


def _act(request: HttpRequest, whose: Whose, endpoint_id: str) -> HttpResponse:
    """`do`: rotate, pause, resume, test, replay (one delivery, or all that are dead), remove."""
    row, do = _mine(whose, endpoint_id), request.POST.get("do", "")
    if do == "rotate":
        return _shown(request, whose, row, endpoints.rotate(row, whose.by))
    if do == "remove":
        endpoints.remove(row, whose.by)
        messages.success(request, _("The webhook is removed."))
        return redirect(whose.url("webhooks"))
    if do in ("pause", "resume"):
        endpoints.change(row, whose.by, paused=do == "pause")
    elif do == "test":
        endpoints.test(row)
        messages.success(request, _("A test is on its way."))
    elif do == "replay":
        wanted = Delivery.objects.filter(endpoint=row)
        one = request.POST.get("delivery", "")
        wanted = wanted.filter(pk=int(one)) if one.isdecimal() else wanted.filter(state=Delivery.State.DEAD)
        messages.success(request, _("%(n)s will be sent again.") % {"n": endpoints.replay(wanted)})
    return redirect(whose.url("webhook", row.pk))


def _mine(whose: Whose, endpoint_id: str) -> Endpoint:
    return get_object_or_404(Endpoint, pk=endpoint_id, holder=whose.holder, removed_s=None)


def _shown(request: HttpRequest, whose: Whose, row: Endpoint, secret: Secret) -> HttpResponse:
    """The secret, once."""
    context = {
        "row": row, "secret": secret.reveal(), "base": whose.base, "desk": whose.desk,
        "here": whose.url("webhook", row.pk), "now_s": clock.now_s(),
    }  # fmt: skip
    answer = render(request, "outgoing/secret.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


mine, ours = map(require_http_methods(["GET", "HEAD", "POST"]), _both(_all))
one_of_mine, one_of_ours = map(require_safe, _both(_one))
act_on_mine, act_on_ours = map(require_POST, _both(_act))
