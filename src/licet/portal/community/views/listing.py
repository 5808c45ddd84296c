"""`/questions/`: what was asked, what is open, how long an answer takes; the feeds; the code of conduct."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from licet.portal import config
from licet.portal.community import markdown, reading, text
from licet.portal.community.models import Question, Subscription
from licet.portal.community.reading import Reader
from licet.portal.community.views import frame


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Public questions, the newest first, by GET alone. `?private=1` is the operators' list of private ones."""
    shown, who = frame.shown(), frame.reader(request)
    release = shown.release.name
    words = text.line(request.GET.get("q", ""), 120)
    state = request.GET.get("state", "")
    state = state if state in Question.State.values else ""
    private = who.operator and request.GET.get("private") == "1"
    listed = reading.for_operator if private else reading.listed
    before = request.GET.get("before", "")[:40]
    rows, more = listed(release, words, state, before)
    median = reading.median_s(release)
    told = {"q": words, "state": state, "private": "1" if private else ""}
    kept = urlencode({k: v for k, v in told.items() if v})
    counts = reading.counts(release)
    context = {
        "release": shown.release,
        "rows": rows,
        "words": words,
        "state": state,
        "states": [(value, label, counts[value]) for value, label in Question.State.choices],
        "total": sum(counts.values()),
        "private": private,
        "operator": who.operator,
        "more": f"?{kept}{'&' if kept else ''}before={more}" if more else "",
        "first": f"?{kept}" if before and kept else "/questions/" if before else "",
        "median": reading.lasting(median) if median is not None else "",
        "writer": who.writer,
        "follows": _follows(who, release),
    }
    return render(request, "community/index.html", context)


def _follows(who: Reader, release: str) -> bool:
    return (
        who.writer is not None
        and Subscription.objects.filter(writer=who.writer, release=release, question=None).exists()
    )


@require_safe
def conduct(request: HttpRequest) -> HttpResponse:
    return render(request, "community/conduct.html", {"release": frame.shown().release})


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Atom: the newest public questions, with the accepted answer where there is one."""
    release = frame.shown().release
    url = config.current().url
    made = Atom1Feed(
        title=_("Questions about %s") % release.name, link=f"{url}/questions/", feed_url=f"{url}/questions/feed.atom",
        description="", language="en",
    )  # fmt: skip
    rows = reading.public(release.name).select_related("accepted", "writer", "writer__holder").order_by("-pk")[:30]
    for row in rows:
        body = markdown.html(row.body)
        if row.accepted:
            body += markdown.html(row.accepted.body)
        _entry(
            made, row.title, f"{url}/questions/{row.pk}", body, row.made_s, row.touched_s, reading.called(row.writer)
        )
    return _atom(made)


@require_safe
def thread_feed(request: HttpRequest, id: str) -> HttpResponse:
    """Atom of one public question and what was said to it. Nobody's session is looked at: private ones are not here."""
    release = frame.shown().release
    row = frame.question(request, Reader(), release.name, id)
    url = f"{config.current().url}/questions/{row.pk}"
    made = Atom1Feed(title=row.title or _("(withdrawn)"), link=url, feed_url=f"{url}/feed.atom", description="")
    found = (
        row.answers.filter(hidden_s=None, withdrawn_s=None).select_related("writer", "writer__holder").order_by("-pk")
    )
    for answer in found[:30]:
        title = release.licensor if answer.by_licensor else reading.called(answer.writer)
        body = markdown.html(answer.body)
        _entry(made, title, f"{url}#{answer.pk}", body, answer.made_s, answer.made_s, title)
    return _atom(made)


def _entry(feed: Atom1Feed, title: str, link: str, body: str, made_s: int, changed_s: int, author: str) -> None:
    feed.add_item(
        title=title, link=link, description=body, unique_id=link, author_name=author,
        pubdate=datetime.fromtimestamp(made_s, UTC), updateddate=datetime.fromtimestamp(changed_s, UTC),
    )  # fmt: skip


def _atom(feed: Atom1Feed) -> HttpResponse:
    answer = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    feed.write(answer, "utf-8")
    answer["Cache-Control"] = "public, max-age=60"
    return answer
