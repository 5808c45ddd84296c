"""`/changes/`: what changed and when; one change with who keeps what; the feed; the exact words that were accepted."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from licet.portal import clock, config, documents, origin, tiers
from licet.portal.changes import consult, history, telling, texts
from licet.portal.changes.history import Step
from licet.portal.changes.models import Consultation, Notice
from licet.portal.pages import source, words
from licet.portal.pages.source import Shown
from licet.release.notice import kept

A_PAGE = 20


def shown() -> Shown:
    """The terms in force. Http404 before anything is published."""
    found = source.newest()
    if found is None:
        raise Http404(_("Nothing is published yet."))
    return found


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every publication, the newest first; what is to come; what is or was open for comment."""
    now = shown()
    every = history.steps(now.release.name)
    start = _number(request.GET.get("from", ""))
    rows = [(s, telling.says(s), telling.standing(s, _after(every, s))) for s in every[start : start + A_PAGE]]
    context = {
        "release": now.release,
        "rows": rows,
        "more": start + A_PAGE if len(every) > start + A_PAGE else None,
        "consultations": consult.all_of(now.release.name)[:A_PAGE],
        "drawn": telling.drawn(every, clock.now_s()) if not start else "",
    }
    return render(request, "changes/index.html", context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _after(every: tuple[Step, ...], step: Step) -> Step | None:
    """The publication that took its place."""
    newer = [s for s in every[: every.index(step)] if not s.void]
    return newer[-1] if newer else None


@require_safe
def one(request: HttpRequest, n: int) -> HttpResponse:
    """One change: what, for whom, from when, who keeps what."""
    now = shown()
    every = history.steps(now.release.name)
    step = next((s for s in every if s.n == n), None)
    if step is None:
        raise Http404(_("There is no such change."))
    before = Shown(step.old, 0, step.before[:12]) if step.old else None
    after = Shown(step.new, step.from_s, step.sha256[:12])
    context = {
        "release": now.release,
        "step": step,
        "state": telling.standing(step, _after(every, step)),
        "says": telling.says(step),
        "groups": telling.groups(step.changes, before, after) if before else (),
        "people": telling.people(step.old, step.new) if step.old else (),
        "kept": kept(step.old, step.new) if step.old else (),
        "touches": any(c.tiers for c in step.changes),
        "notice": Notice.objects.filter(publication=step.n).exclude(kind=Notice.Kind.MOVE).first(),
        "consultation": Consultation.objects.filter(notices__publication=step.n).defer("body").first(),
    }
    return render(request, "changes/one.html", context)


@login_required
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """The holder chooses the terms in force, by its own will. Not where they ask for another price: that is bought."""
    holder, release = origin.holder(request), shown().release
    held = tiers.current(holder, release.name)
    if held is None or not takes(release.name, held.document, held.tier):
        raise Http404(_("There are no newer terms to take."))
    tiers.give(holder, release.name, held.tier, origin.by(request), until_s=held.until_s, why="newer terms, by choice")
    messages.success(request, _("You hold the terms in force now."))
    return HttpResponseRedirect("/my/tier")


def takes(release: str, document: str, tier: str) -> bool:
    """May who holds this tier at that document choose the one in force?"""
    at = documents.in_force(release)
    new, old = at.tier(tier), documents.read(document).tier(tier)
    if at.sha256 == document or new is None or old is None:
        return False
    price = (new.price.micros, new.price.unit, new.price.currency) if new.price else None
    return price == ((old.price.micros, old.price.unit, old.price.currency) if old.price else None)


@require_safe
def text(request: HttpRequest, sha256: str) -> HttpResponse:
    """A license text by its SHA-256, byte for byte: what an acceptance is of stays readable for ever."""
    row = texts.by_digest(sha256) if len(sha256) == 64 else None
    if row is None:
        raise Http404(_("No text with this digest was ever published here."))
    if request.GET.get("raw") == "1":
        answer = HttpResponse(bytes(row.body), content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = "attachment; filename=LICENSE.txt"
        patch_cache_control(answer, public=True, max_age=31_536_000, immutable=True)
        return answer
    context = {"row": row, "body": bytes(row.body).decode("utf-8", "replace")}
    return render(request, "changes/text.html", context)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Atom: what changed, what will, what is open for comment and what was decided; the newest first."""
    now, url = shown(), config.current().url
    name = now.release.name
    made = Atom1Feed(
        title=_("Changes of the terms of %s") % name, link=f"{url}/changes/", feed_url=f"{url}/changes/feed.atom",
        description="", language="en", author_name=now.release.licensor,
    )  # fmt: skip
    found = [_of_step(s, url) for s in history.steps(name)[:A_PAGE] if not s.void]
    for talk in consult.all_of(name)[:A_PAGE]:
        found += _of_talk(talk, url)
    for at_s, title, link, body, id in sorted(found, reverse=True)[:30]:
        at = datetime.fromtimestamp(at_s, UTC)
        made.add_item(title=title, link=link, description=body, unique_id=id, pubdate=at, updateddate=at)
    answer = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    made.write(answer, "utf-8")
    patch_cache_control(answer, public=True, max_age=60)
    return answer


type Entry = tuple[int, str, str, str, str]


def _of_step(step: Step, url: str) -> Entry:
    link = f"{url}/changes/{step.n}"
    title = _("Terms from %(when)s on: %(what)s") % {"when": words.moment(step.from_s), "what": telling.says(step)}
    rows = "\n".join(f"{c.subject} {c.says}" for c in step.changes[:100])
    return step.made_s, title, link, rows, link


def _of_talk(talk: Consultation, url: str) -> list[Entry]:
    link = f"{url}/changes/consultations/{talk.pk}"
    found = [(talk.opened_s, _("A change is open for comment"), link, talk.why, f"{link}#opened")]
    if talk.decided_s is not None:
        found.append((talk.decided_s, _("What was decided after comment"), link, talk.words, f"{link}#decided"))
    return found
