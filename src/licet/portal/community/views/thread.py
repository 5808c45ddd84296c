"""`/questions/ask` and `/questions/<id>`: one question, what was said to it, and what its readers can do there."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licet.errors import LicetError
from licet.portal import origin
from licet.portal.community import acts, reading
from licet.portal.community.forms import Ask, Say, Settle, Tell
from licet.portal.community.models import Answer, Question, Report, Subscription
from licet.portal.community.views import frame
from licet.portal.pages.source import Shown


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form, filled from the page that led here (`cite`, `asked`); POST asks."""
    shown, who = frame.shown(), frame.reader(request)
    if who.writer is None:
        return frame.first_enter(request)
    given = {name: request.GET.get(name, "")[:400] for name in ("cite", "asked", "title")}
    form = Ask(request.POST if request.method == "POST" else None, initial=given)
    code = 200
    if request.method == "POST" and (code := 422) and form.is_valid():
        told = form.cleaned_data
        try:
            made = acts.ask(
                who.writer, shown, told["title"], told["body"], private=bool(told["private"]), cite=told["cite"],
                asked=told["asked"] if told["asked"].startswith(("/?", "/terms/")) else "",
            )  # fmt: skip
        except LicetError as wrong:
            form.add_error(None, str(wrong))
            code = frame.status(wrong)
        else:
            return HttpResponseRedirect(f"/questions/{made.pk}")
    cite = form["cite"].value() or ""
    context = {"form": form, "release": shown.release, "cite": cite if shown.cite_url(cite) else ""}
    return render(request, "community/ask.html", context, status=code)


@require_safe
def one(request: HttpRequest, id: str) -> HttpResponse:
    """The thread. What is private is there for its writer and the operators alone."""
    return _page(request, id)


@require_POST
def answer(request: HttpRequest, id: str) -> HttpResponse:
    shown, who = frame.shown(), frame.reader(request)
    question = frame.question(request, who, shown.release.name, id)
    if who.writer is None:
        return frame.first_enter(request, f"/questions/{question.pk}#say")
    if question.withdrawn_s is not None:
        raise Http404(_("There is no such question."))
    form = Say(request.POST)
    if not form.is_valid():
        return _page(request, id, say=form, status=422)
    try:
        made = acts.answer(who.writer, question, form.cleaned_data["body"], by_licensor=who.operator)
    except LicetError as wrong:
        form.add_error("body", str(wrong))
        return _page(request, id, say=form, status=frame.status(wrong))
    page = "" if question.replies <= reading.ANSWERS_A_PAGE else _page_of(made)
    return HttpResponseRedirect(f"/questions/{question.pk}{page}#{made.pk}")


def _page_of(made: Answer) -> str:
    """The query of the page on which a new answer stands."""
    earlier = Answer.objects.filter(question=made.question_id, pk__lt=made.pk).order_by("-pk")
    place = earlier.count() % reading.ANSWERS_A_PAGE
    last = earlier[place : place + 1].values_list("pk", flat=True)
    return f"?after={last[0]}" if last else ""


@require_POST
def settle(request: HttpRequest, id: str) -> HttpResponse:
    """The licensor's word: operators alone; for anybody else there is no such address."""
    shown, who = frame.shown(), frame.reader(request)
    question = frame.question(request, who, shown.release.name, id)
    if not who.operator:
        raise Http404(_("There is no such question."))
    form = Settle(request.POST, answers=_licensors(question))
    if not form.is_valid():
        return _page(request, id, settle=form, status=422)
    try:
        acts.settle(question, shown, origin.by(request), **form.cleaned_data)
    except LicetError as wrong:
        form.add_error(None, str(wrong))
        return _page(request, id, settle=form, status=422)
    messages.success(request, _("Said."))
    return HttpResponseRedirect(f"/questions/{question.pk}")


@require_POST
def withdraw(request: HttpRequest, id: str) -> HttpResponse:
    """Its writer takes a question or (`answer=`) an answer back."""
    shown, who = frame.shown(), frame.reader(request)
    question = frame.question(request, who, shown.release.name, id)
    post = _post(question, request.POST.get("answer", ""))
    if who.writer is None or post.writer_id != who.writer.pk:
        raise Http404(_("There is no such question."))
    acts.withdraw(post)
    messages.success(request, _("Taken back: the words are gone."))
    return HttpResponseRedirect("/questions/mine" if isinstance(post, Question) else f"/questions/{question.pk}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, id: str) -> HttpResponse:
    """What is wrong with a post: its own small page, so that nothing is reported by a slip."""
    shown, who = frame.shown(), frame.reader(request)
    question = frame.question(request, who, shown.release.name, id)
    post = _post(question, request.POST.get("answer") or request.GET.get("answer") or "")
    if who.writer is None:
        return frame.first_enter(request)
    form = Tell(request.POST if request.method == "POST" else None)
    code = 200
    if request.method == "POST" and (code := 422) and form.is_valid():
        told = form.cleaned_data
        about = post if isinstance(post, Answer) else None
        try:
            acts.report(who.writer, question, about, told["reason"], told["words"])
        except LicetError as wrong:
            form.add_error(None, str(wrong))
            code = frame.status(wrong)
        else:
            messages.success(request, _("Thank you. An operator will look at it."))
            return HttpResponseRedirect(f"/questions/{question.pk}")
    return render(request, "community/report.html", {"form": form, "question": question, "post": post}, status=code)


@require_POST
def follow(request: HttpRequest, id: str) -> HttpResponse:
    """Mails about this question start (`wanted=1`) or end."""
    shown, who = frame.shown(), frame.reader(request)
    question = frame.question(request, who, shown.release.name, id)
    if who.writer is None:
        return frame.first_enter(request, f"/questions/{question.pk}")
    acts.follow(who.writer, question.release, question, wanted=request.POST.get("wanted") == "1")
    return HttpResponseRedirect(f"/questions/{question.pk}#follow")


def _post(question: Question, answer_id: str) -> Question | Answer:
    if not answer_id:
        return question
    found = Answer.objects.filter(pk=answer_id[:40], question=question, hidden_s=None, withdrawn_s=None).first()
    if found is None:
        raise Http404(_("There is no such answer."))
    return found


def _licensors(question: Question) -> list[tuple[str, str]]:
    found = question.answers.filter(by_licensor=True, hidden_s=None, withdrawn_s=None).order_by("-pk")[:20]
    return [(a.pk, " ".join(a.body.split())[:80]) for a in found]


def _page(
    request: HttpRequest, id: str, *, say: Say | None = None, settle: Settle | None = None, status: int = 200
) -> HttpResponse:
    shown, who = frame.shown(), frame.reader(request)
    question = frame.question(request, who, shown.release.name, id)
    answers, more = reading.answers(question, request.GET.get("after", "")[:40])
    accepted = question.accepted if question.accepted and question.accepted.hidden_s is None else None
    pinned = _pinned(question, shown)
    context = {
        "question": question,
        "answers": answers,
        "more": f"?after={more}" if more else "",
        "after": request.GET.get("after", ""),
        "accepted": accepted,
        "cite": (question.cite, _cite_url(shown, question.cite, question.document)),
        "pin": (pinned, _cite_url(shown, question.pin_cite, question.pin_document)),
        "asked": question.asked,
        "release": shown.release,
        "who": who,
        "mine": who.writer is not None and question.writer_id == who.writer.pk,
        "writer": who.writer,
        "follows": who.writer is not None
        and Subscription.objects.filter(writer=who.writer, question=question).exists(),
        "say": say or Say(),
        "settle": _settle(question, pinned) if who.operator and settle is None else settle,
        "reports": Report.objects.filter(question=question, settled_s=None).count() if who.operator else 0,
    }
    answer = render(request, "community/thread.html", context, status=status)
    if question.private:
        answer["Cache-Control"] = "private, no-store"
        answer["X-Robots-Tag"] = "noindex"
    return answer


def _settle(question: Question, pinned: str) -> Settle:
    answers = _licensors(question)
    accepted = question.accepted_id or (answers[0][0] if answers else "")
    first = Question.State.ANSWERED if answers and question.state == Question.State.OPEN else question.state
    initial = {"state": first, "accept": accepted, "cite": pinned or question.cite, "reason": question.reason}
    return Settle(answers=answers, initial=initial)


def _pinned(question: Question, shown: Shown) -> str:
    """The clause as it is written today: with its document where that is not the newest."""
    cite, document = question.pin_cite, question.pin_document
    if not cite or not document or shown.release.sha256.startswith(document):
        return cite
    return cite.replace("licet.toml", f"licet.toml@{document[:6]}")


def _cite_url(shown: Shown, cite: str, document: str) -> str:
    if cite.startswith("licet.toml:") and document:
        return f"/documents/{document[:12]}#L{cite.rpartition(':')[2]}"
    return shown.cite_url(cite)
