"""Which programs are there, how does somebody apply, and what became of it? Pages for everybody, and each one's own."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licet.access.role import asked
from licet.errors import LicetError
from licet.portal import clock, documents, origin
from licet.portal.events import By
from licet.portal.models import Holder
from licet.portal.organizations.acting import member
from licet.portal.organizations.models import Membership
from licet.portal.programs import applications
from licet.portal.programs.form import ApplicationForm, ReplyForm
from licet.portal.programs.models import Application
from licet.release.release import Program
from licet.terms import Answer


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every program of every release that is served here."""
    found = [(at, at.programs) for name in documents.releases() if (at := documents.in_force(name)).programs]
    return render(request, "programs/index.html", {"found": found})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def program(request: HttpRequest, release: str, name: str) -> HttpResponse:
    """What a program asks and gives; with a log-in its form. POST keeps a draft of whatever was typed, then sends it."""
    if release not in documents.releases() or (found := documents.in_force(release).program(name)) is None:
        raise Http404
    if not request.user.is_authenticated:
        if request.method == "POST":
            return redirect_to_login(request.get_full_path())
        return _page(request, release, found, None)
    by, person = origin.by(request), origin.holder(request)
    own = may(person, by, "manage:tier")
    for_whom = str((request.POST if request.method == "POST" else request.GET).get("for_whom", ""))
    holder = next((row.organization.holder for row in own if row.organization_id == for_whom), person)
    application = applications.open_one(holder, release, name)
    if application is not None and application.state != Application.State.DRAFT:
        form = None
    else:
        told = {"program": found, "own": own, "draft": application, "initial": {"for_whom": for_whom}}
        form = ApplicationForm(request.POST if request.method == "POST" else None, **told)  # type: ignore[arg-type]
    if request.method == "POST" and form is not None:
        return _written(request, release, found, form, holder, by)
    return _page(request, release, found, form, application)


def _written(
    request: HttpRequest, release: str, program: Program, form: ApplicationForm, holder: Holder, by: By
) -> HttpResponse:
    """First of all what was typed is kept: no error further on takes it away."""
    application = applications.open_one(holder, release, program.name)
    try:
        application = applications.draft(holder, release, program.name, form.answers(), form.evidence(), by)
        if "send" not in request.POST:
            messages.success(request, _("Kept. Send it when you are ready."))
            return redirect(request.get_full_path())
        if form.is_valid():
            sent = applications.send(application, by)
            messages.success(request, _("Sent. The answer comes by e-mail, and stands here."))
            return redirect("application", application_id=sent.pk)
    except LicetError as wrong:
        form.add_error(None, str(wrong))
    return _page(request, release, program, form, application, status=422)


def _page(
    request: HttpRequest,
    release: str,
    program: Program,
    form: ApplicationForm | None,
    application: Application | None = None,
    status: int = 200,
) -> HttpResponse:
    at = documents.in_force(release)
    context = {"release": at, "program": program, "form": form, "application": application}
    return render(request, "programs/program.html", context, status=status)


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own applications, and those of the organizations whose tier one may read."""
    found = Application.objects.filter(holder__in=_holders(request, "read:tier"))
    rows = found.select_related("holder__account", "holder__organization", "grant").order_by("-made_s", "-id")
    return render(request, "programs/mine.html", {"applications": rows, "now_s": clock.now_s()})


@login_required
@never_cache
@require_safe
def one(request: HttpRequest, application_id: str) -> HttpResponse:
    found = _mine(request, application_id, "read:tier")
    if found.state == Application.State.DRAFT:
        return redirect("program", release=found.release, name=found.program)
    acts = found.holder_id in {h.pk for h in _holders(request, "manage:tier")}
    return _shown(request, found, ReplyForm(), acts=acts)


@login_required
@require_POST
def reply(request: HttpRequest, application_id: str) -> HttpResponse:
    found = _mine(request, application_id, "manage:tier")
    form = ReplyForm(request.POST)
    if form.is_valid():
        try:
            applications.reply(found, origin.by(request), form.cleaned_data["words"])
        except LicetError as wrong:
            form.add_error(None, str(wrong))
        else:
            messages.success(request, _("Sent."))
            return redirect("application", application_id=found.pk)
    return _shown(request, found, form, acts=True, status=422)


@login_required
@require_POST
def withdraw(request: HttpRequest, application_id: str) -> HttpResponse:
    found = _mine(request, application_id, "manage:tier")
    try:
        applications.withdraw(found, origin.by(request))
    except LicetError as wrong:
        messages.error(request, str(wrong))
    else:
        messages.success(request, _("Taken back."))
    return redirect("applications")


def _shown(request: HttpRequest, found: Application, form: ReplyForm, *, acts: bool, status: int = 200) -> HttpResponse:
    context = {"application": found, "said": found.said.all(), "form": form, "acts": acts, "now_s": clock.now_s()}
    return render(request, "programs/application.html", context, status=status)


def may(person: Holder, by: By, act: str) -> list[Membership]:
    """The person's memberships whose role allows the act, by the organization's name."""
    rows = Membership.objects.filter(person=person, ended_s=None, organization__holder__deleted_s=None)
    rows = rows.select_related("organization__holder", "role", "person").order_by("organization__name", "id")
    return [row for row in rows if asked(member(row, by).terms(), act, clock.now_s()).answer is Answer.YES]


def _holders(request: HttpRequest, act: str) -> list[Holder]:
    person = origin.holder(request)
    return [person, *(row.organization.holder for row in may(person, origin.by(request), act))]


def _mine(request: HttpRequest, application_id: str, act: str) -> Application:
    """404 for what is not there, and for what is another's: both look alike."""
    found = Application.objects.filter(pk=application_id, holder__in=_holders(request, act))
    row = found.select_related("holder__account", "holder__organization", "grant").first()
    if row is None:
        raise Http404
    return row
