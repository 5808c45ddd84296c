"""Which license texts have I accepted, and how do I accept one? Its text can be read by anybody, without an account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from licet.errors import LicetError
from licet.portal import acceptances, documents, origin
from licet.portal.certificates import receipts
from licet.portal.certificates.reading import attachment, may_read
from licet.portal.models import Acceptance, Holder, LicenseText
from licet.portal.my.forms import AcceptForm
from licet.release.summary import digest


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    holder = origin.holder(request)
    rows = Acceptance.objects.filter(holder=holder).order_by("-at_s")
    return render(request, "portal/acceptances.html", {"rows": rows, "open": acceptances.asked_for(holder)})


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, component: str) -> HttpResponse:
    """GET shows the exact text and its SHA-256; POST, with a log-in, keeps the promise about the text that was
    shown.
    """
    release = request.GET.get("release") or request.POST.get("release") or documents.main()
    holder = origin.holder(request) if request.user.is_authenticated else None
    part = documents.in_force(release).component(component) if release in documents.releases() else None
    if part is None or not part.accept:
        raise Http404
    text = acceptances.text(release, component, holder)
    if request.method == "POST":
        if holder is None:
            return redirect_to_login(request.get_full_path())
        return _accepted(request, holder, release, text, part.ask)
    form = AcceptForm(initial={"sha256": text.sha256 if text else ""}, ask=part.ask)
    return _page(request, release, component, text, form, holder)


@require_safe
def summary(request: HttpRequest, component: str) -> HttpResponse:
    """The reading that stands beside a text, as text: of the newest, or of the text with the `sha256` asked for."""
    release = request.GET.get("release") or documents.main()
    texts = LicenseText.objects.filter(component=component)
    if wanted := request.GET.get("sha256"):
        text = texts.filter(sha256=wanted).order_by("-id").first()
    else:
        text = acceptances.text(release, component) if release in documents.releases() else None
    if text is None:
        raise Http404
    told = acceptances.summary(text)
    said = told or _("Nobody has read this license for Licet yet: there is no summary. Read the text itself.") + "\n"
    answer = HttpResponse(said, content_type="text/plain; charset=utf-8")
    answer["ETag"] = f'"{digest(said)}"'
    return answer


@login_required
@require_safe
def receipt(request: HttpRequest, number: int) -> HttpResponse:
    """The signed receipt, for whoever promised and for the members who may read what the organization holds."""
    row = Acceptance.objects.filter(pk=number).select_related("holder").first()
    if row is None or not row.receipt or not may_read(origin.holder(request), row.holder):
        raise Http404
    return attachment(receipts.file(row), receipts.name(row))


def _accepted(
    request: HttpRequest, holder: Holder, release: str, text: LicenseText | None, ask: tuple[str, ...]
) -> HttpResponse:
    form = AcceptForm(request.POST, ask=ask)
    if text is None:
        raise Http404
    if form.is_valid():
        try:
            told = form.cleaned_data["sha256"]
            acceptances.accept(
                holder, release, text.license, told, origin.by(request), how="page", words=form.words,
                answers=form.answers(), agent=request.headers.get("User-Agent", ""),
            )  # fmt: skip
        except LicetError as wrong:
            form.add_error(None, str(wrong))
        else:
            messages.success(request, _("You have accepted %(license)s.") % {"license": text.license})
            return redirect("acceptances")
    return _page(request, release, text.component, text, form, holder, status=422)


def _page(
    request: HttpRequest,
    release: str,
    component: str,
    text: LicenseText | None,
    form: AcceptForm,
    holder: Holder | None,
    status: int = 200,
) -> HttpResponse:
    done = None
    if holder is not None and text is not None:
        done = Acceptance.objects.filter(
            holder=holder, release=release, license=text.license, sha256=text.sha256
        ).first()
    context = {
        "release": release,
        "component": component,
        "text": text,
        "body": bytes(text.body).decode("utf-8", "replace") if text else "",
        "summary": acceptances.summary(text).splitlines() if text else [],
        "form": form,
        "done": done,
        "part": documents.in_force(release).component(component),
        "contact": documents.in_force(release).contact,
        "holder": holder,
    }
    return render(request, "portal/accept.html", context, status=status)
