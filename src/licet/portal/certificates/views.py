"""The pages of certificates: what I was promised, one of it to print, its file; and a check of any file, for anybody."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from licet.certificate import Broken, check, opened
from licet.certificate.canonical import MOST_BYTES
from licet.errors import LicetError
from licet.portal import clock, origin
from licet.portal.certificates import issuing, reading, signing
from licet.portal.certificates.models import CertificateRow
from licet.portal.config import current as config


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys of this server, for whoever verifies (RFC 7517)."""
    return _public(JsonResponse(signing.jwks(), json_dumps_params={"indent": 1}))


@require_safe
def revocations(request: HttpRequest) -> HttpResponse:
    """The signed list of certificates that were taken back; it says until when it may be believed."""
    try:
        body = issuing.revocations()
    except LicetError as wrong:  # the key is lost: what was signed stays good, but nobody can say that it still holds
        return HttpResponse(f"{wrong}\n", status=503, content_type="text/plain; charset=utf-8")
    return _public(HttpResponse(body, content_type="application/json"))


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    rows = [
        (row, reading.in_words(reading.state(row)), reading.state(row)) for row in reading.mine(origin.holder(request))
    ]
    return render(request, "certificates/mine.html", {"rows": rows})


@login_required
@require_safe
def one(request: HttpRequest, id: str) -> HttpResponse:
    """The certificate as a page that prints well."""
    shown = reading.shown(_mine(request, id))
    context = {"shown": shown, "state": reading.in_words(shown.state), "url": config().url}
    return render(request, "certificates/one.html", context)


@login_required
@require_safe
def download(request: HttpRequest, id: str) -> HttpResponse:
    row = _mine(request, id)
    return reading.attachment(issuing.file(row), f"{row.pk}.json")


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Does this file hold? For anybody who was shown one: nothing of it is stored."""
    if request.method != "POST":
        return render(request, "certificates/verify.html", {"text": ""})
    sent = request.FILES.get("file")
    text = str(request.POST.get("text", "")).strip()
    body = sent.read(MOST_BYTES + 1) if sent is not None else text.encode("utf-8", "replace")
    if not body:
        wrong = _("Paste a certificate, or choose its file.")
        return render(request, "certificates/verify.html", {"text": "", "wrong": wrong}, status=422)
    context = {"text": text if sent is None else "", **_checked(body)}
    return render(request, "certificates/verify.html", context)


def _checked(body: bytes) -> dict[str, object]:
    """A certificate with what is known of it today; or a receipt, which only has a signature."""
    keys = signing.keys()
    receipt = opened("receipt", body, keys)
    if not isinstance(receipt, Broken):
        told = json.dumps(receipt.statement, indent=1, ensure_ascii=False)
        return {"holds": True, "receipt": told, "detail": _("This receipt was signed by this server.")}
    checked = check(body, keys, now_s=clock.now_s(), revocations=issuing.known())
    detail = checked.detail if checked.holds else reading.why_not(checked)
    return {"holds": checked.holds, "checked": checked, "detail": detail}


def _mine(request: HttpRequest, id: str) -> CertificateRow:
    row = CertificateRow.objects.select_related("holder__account", "holder__organization").filter(pk=id).first()
    if row is None or not row.statement or not reading.may_read(origin.holder(request), row.holder):
        raise Http404
    return row


def _public(answer: HttpResponse) -> HttpResponse:
    answer["Access-Control-Allow-Origin"] = "*"  # keys and revocations are for everybody
    patch_cache_control(answer, public=True, max_age=300)
    return answer
