"""`/questions/enter`, `/questions/mine`, `/questions/stop/…`: how one comes in without an account, and leaves."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from licet.errors import LicetError
from licet.portal import origin
from licet.portal.community import acts, mails, people, reading
from licet.portal.community.forms import Address, Name, Typed
from licet.portal.community.models import Subscription
from licet.portal.community.views import frame
from licet.portal.models import Account

ADDRESS = "community_address"  # the session's key: the address that a code was sent to


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Sign in, or have a code mailed. The answer is the same whether the address is known or not."""
    onward = frame.onward(request, "/questions/mine")
    if frame.reader(request).writer is not None:
        return HttpResponseRedirect(onward)
    form = Address(request.POST if request.method == "POST" else None)
    code = 200
    if request.method == "POST" and (code := 422) and form.is_valid():
        try:
            to, sent = people.send_code(form.cleaned_data["email"], origin.address(request))
        except LicetError as wrong:
            form.add_error("email", str(wrong))
            code = frame.status(wrong)
        else:
            mails.code(to, sent, people.CODE_S)
            request.session[ADDRESS] = form.cleaned_data["email"]
            return HttpResponseRedirect(f"/questions/code?{urlencode({'next': onward})}")
    return render(request, "community/enter.html", {"form": form, "next": onward}, status=code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code is typed. A wrong, old or used one sounds alike."""
    onward = frame.onward(request, "/questions/mine")
    address = request.session.get(ADDRESS)
    if not address:
        return HttpResponseRedirect(f"/questions/enter?{urlencode({'next': onward})}")
    form = Typed(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and (status := 422) and form.is_valid():
        writer = people.enter(address, form.cleaned_data["code"])
        if writer is not None:
            request.session.cycle_key()
            del request.session[ADDRESS]
            request.session[people.SEAT] = writer.pk
            return HttpResponseRedirect(onward)
        form.add_error("code", _("This code does not work. It holds for 15 minutes and works once."))
    return render(request, "community/code.html", {"form": form, "address": address, "next": onward}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """What I asked, what I follow, what I am called; POST changes the name."""
    shown, who = frame.shown(), frame.reader(request)
    if who.writer is None:
        return frame.first_enter(request)
    form = Name(request.POST if request.method == "POST" else None, initial={"name": who.writer.name})
    status = 200
    if request.method == "POST" and (status := 422) and form.is_valid():
        try:
            people.rename(who.writer, form.cleaned_data["name"], shown.release.licensor)
        except LicetError as wrong:
            form.add_error("name", str(wrong))
        else:
            messages.success(request, _("You are called so from now on, also beside what you wrote before."))
            return HttpResponseRedirect("/questions/mine")
    rows, more = reading.of_writer(who.writer, shown.release.name, request.GET.get("before", "")[:40])
    context = {
        "form": form,
        "writer": who.writer,
        "rows": rows,
        "more": f"?before={more}" if more else "",
        "follows": Subscription.objects.filter(writer=who.writer).select_related("question").order_by("-pk")[:50],
        "account": isinstance(request.user, Account),
        "release": shown.release,
    }
    return render(request, "community/mine.html", context, status=status)


@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Mails about every public question of this release start (`wanted=1`) or end."""
    release, who = frame.shown().release.name, frame.reader(request)
    if who.writer is None:
        return frame.first_enter(request, "/questions/")
    acts.follow(who.writer, release, None, wanted=request.POST.get("wanted") == "1")
    return HttpResponseRedirect(frame.onward(request, "/questions/"))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Out of the browser; with `forget=1` the address and the private words are deleted first."""
    writer = frame.reader(request).writer
    if writer is not None and not isinstance(request.user, Account) and request.POST.get("forget") == "1":
        people.forget(writer)
        messages.success(request, _("Forgotten: your address, your name and your private questions are gone."))
    request.session.pop(people.SEAT, None)
    return HttpResponseRedirect("/questions/")


@csrf_exempt  # RFC 8058: a mail program posts here; the signed address is the proof, and all it can do is end mails
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, signed: str) -> HttpResponse:
    """The link of a mail: GET asks (scanners of mail open links), POST ends these mails. No sign-in."""
    try:
        one = Subscription.objects.filter(pk=signing.loads(signed, salt=mails.STOP)).select_related("question")
    except signing.BadSignature as wrong:
        raise Http404(_("This link is not whole.")) from wrong
    if request.method == "POST":
        mails.end(one)
        return render(request, "community/stop.html", {"done": True})
    return render(request, "community/stop.html", {"subscription": (found := one.first()), "done": found is None})
